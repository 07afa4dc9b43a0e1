import { foldNodes, leftCount, type Node, nodesOf, type Range } from './subtree.ts';
import type { TreeHash } from './tree-hash.ts';

/** The hashes of perfect subtrees, in the order asked for. */
export type ReadNodes = (nodes: readonly Node[]) => Promise<readonly TreeHash[]>;

/**
 * That the leaf `index` is in the tree of the first `size` leaves: RFC 6962, 2.1.1.
 * @throws RangeError where there is no such leaf
 */
export function proveInclusion(index: number, size: number, read: ReadNodes): Promise<readonly TreeHash[]> {
  if (index < 0 || index >= size) {
    throw new RangeError(`A tree of ${size} leaves has no leaf ${index}.`);
  }
  return hashesOf(inclusionPath(index, { from: 0, to: size }), read);
}

/**
 * That the tree of the first `size` leaves begins with that of the first `older`: RFC 6962, 2.1.2. Nothing where they are one, or the
 * older one is empty.
 * @throws RangeError where the older one has more leaves
 */
export function proveConsistency(older: number, size: number, read: ReadNodes): Promise<readonly TreeHash[]> {
  if (older < 0 || older > size) {
    throw new RangeError(`A tree of ${size} leaves does not begin with one of ${older}.`);
  }
  const path = older === 0 ? [] : consistencyPath(older, { from: 0, to: size }, true);
  return hashesOf(path, read);
}

function inclusionPath(index: number, { from, to }: Range): readonly Range[] {
  if (to - from === 1) {
    return [];
  }
  const middle = from + leftCount(to - from);
  return index < middle
    ? [...inclusionPath(index, { from, to: middle }), { from: middle, to }]
    : [...inclusionPath(index, { from: middle, to }), { from, to: middle }];
}

/** `isWhole`: the older tree's root is known to who checks, and need not be told. */
function consistencyPath(older: number, { from, to }: Range, isWhole: boolean): readonly Range[] {
  if (older === to) {
    return isWhole ? [] : [{ from, to }];
  }
  const middle = from + leftCount(to - from);
  return older <= middle
    ? [...consistencyPath(older, { from, to: middle }, isWhole), { from: middle, to }]
    : [...consistencyPath(older, { from: middle, to }, false), { from, to: middle }];
}

async function hashesOf(path: readonly Range[], read: ReadNodes): Promise<readonly TreeHash[]> {
  const parts = path.map(nodesOf);
  const hashes = await read(parts.flat());
  let at = 0;
  return parts.map((nodes) => {
    at += nodes.length;
    return foldNodes(hashes.slice(at - nodes.length, at));
  });
}
