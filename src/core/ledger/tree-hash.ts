import { hash } from 'node:crypto';

/** SHA-256; 32 bytes. */
export type TreeHash = Uint8Array;

const leafMark = Uint8Array.of(0);
const nodeMark = Uint8Array.of(1);

/** RFC 6962, 2.1: the marks keep a leaf from being passed off as a node. */
export function hashLeaf(entry: Uint8Array): TreeHash {
  return sha256(leafMark, entry);
}

export function hashChildren(left: TreeHash, right: TreeHash): TreeHash {
  return sha256(nodeMark, left, right);
}

/** Of a tree without leaves. */
export const emptyRoot: TreeHash = sha256();

export function isSameHash(one: TreeHash, other: TreeHash): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Every event and every step of every proof is one: one call takes little more than half the time of several. */
function sha256(...parts: readonly Uint8Array[]): TreeHash {
  return new Uint8Array(hash('sha256', Buffer.concat(parts), 'buffer'));
}
