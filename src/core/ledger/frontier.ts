import { foldNodes, type Node } from './subtree.ts';
import { emptyRoot, hashChildren, type TreeHash } from './tree-hash.ts';

/** All that has to be known of a tree to add leaves to it and to tell its root. */
export interface Frontier {
  /** How many leaves there are. */
  readonly size: number;
  /** The hashes of the perfect subtrees that the tree is made of, the largest first: one for each bit that is set in `size`. */
  readonly peaks: readonly TreeHash[];
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

export interface GrownNode extends Node {
  readonly hash: TreeHash;
}

export interface Growth {
  readonly frontier: Frontier;
  /** The perfect subtrees of two leaves or more that came to be, in that order. */
  readonly nodes: readonly GrownNode[];
}

/** Adds leaves, given by their hashes, at the end. */
export function grow({ size, peaks }: Frontier, leaves: readonly TreeHash[]): Growth {
  const grown = [...peaks];
  const nodes: GrownNode[] = [];
  let count = size;
  for (const leaf of leaves) {
    let hash = leaf;
    let level = 0;
    for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = hashChildren(takeLast(grown), hash);
      level += 1;
      nodes.push({ level, index: (rest - 1) / 2, hash });
    }
    grown.push(hash);
    count += 1;
  }
  return { frontier: { size: count, peaks: grown }, nodes };
}

function takeLast(peaks: TreeHash[]): TreeHash {
  const last = peaks.pop();
  if (last === undefined) {
    throw new RangeError('The frontier has fewer peaks than its size needs.');
  }
  return last;
}

export function rootOf({ peaks }: Frontier): TreeHash {
  return peaks.length === 0 ? emptyRoot : foldNodes(peaks);
}
