import { hashChildren, type TreeHash } from './tree-hash.ts';

/** A perfect subtree: 2 ** level leaves, from the leaf index * 2 ** level on. */
export interface Node {
  readonly level: number;
  readonly index: number;
}

/** Leaves from `from` up to, and without, `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** How many leaves the left one of two children has: the largest power of two below `count`. */
export function leftCount(count: number): number {
  let left = 1;
  while (left * 2 < count) {
    left *= 2;
  }
  return left;
}

/** The perfect subtrees that a subtree of RFC 6962 is made of, from left to right. */
export function nodesOf({ from, to }: Range): readonly Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to; ) {
    const level = Math.min(trailingZeros(at), Math.floor(Math.log2(to - at)));
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

function trailingZeros(number: number): number {
  if (number === 0) {
    return Number.POSITIVE_INFINITY;
  }
  let zeros = 0;
  for (let left = number; left % 2 === 0; left /= 2) {
    zeros += 1;
  }
  return zeros;
}

/** The hash of a subtree from those of `nodesOf` it. */
export function foldNodes(hashes: readonly TreeHash[]): TreeHash {
  const [last, ...before] = hashes.toReversed();
  if (last === undefined) {
    throw new RangeError('A subtree has at least one leaf.');
  }
  return before.reduce((right, left) => hashChildren(left, right), last);
}
