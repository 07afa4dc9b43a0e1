import type { ReadNodes } from './proof.ts';
import { foldNodes, leftCount, nodesOf, type Range } from './subtree.ts';
import { hashChildren, isSameHash, type TreeHash } from './tree-hash.ts';

/** The hash of a subtree of RFC 6962 over leaves of which none is shown. */
export interface HiddenPart extends Range {
  readonly hash: TreeHash;
}

/** Some leaves of a tree, by their indices, ascending. */
export interface ShownLeaves {
  readonly indices: readonly number[];
  readonly hashes: readonly TreeHash[];
}

/**
 * That leaves are in the tree of the first `size` ones: the subtrees that hold none of them, from left to right. Of one leaf that is
 * its proof of RFC 6962, 2.1.1, in another order; of many it has each hash once.
 * @param indices ascending, each once.
 * @throws RangeError where there is no such leaf
 */
export async function provePart(
  indices: readonly number[],
  size: number,
  read: ReadNodes,
): Promise<readonly HiddenPart[]> {
  const last = indices.at(-1);
  if (last !== undefined && last >= size) {
    throw new RangeError(`A tree of ${size} leaves has no leaf ${last}.`);
  }
  const ranges = [...hiddenIn({ from: 0, to: size }, within(indices))];
  const parts: HiddenPart[] = [];
  for (const range of ranges) {
    parts.push({ ...range, hash: foldNodes(await read(nodesOf(range))) });
  }
  return parts;
}

/** A part of a list that is in order. */
interface Slice {
  readonly indices: readonly number[];
  readonly start: number;
  readonly end: number;
}

function within(indices: readonly number[]): Slice {
  return { indices, start: 0, end: indices.length };
}

function* hiddenIn(range: Range, shown: Slice): Generator<Range> {
  if (range.from === range.to || shown.end - shown.start === range.to - range.from) {
    return;
  }
  if (shown.start === shown.end) {
    yield range;
    return;
  }
  const middle = range.from + leftCount(range.to - range.from);
  const cut = firstFrom(middle, shown);
  yield* hiddenIn({ from: range.from, to: middle }, { ...shown, end: cut });
  yield* hiddenIn({ from: middle, to: range.to }, { ...shown, start: cut });
}

/** Where in the slice the first index is that is not below `least`. */
function firstFrom(least: number, { indices, start, end }: Slice): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((indices[middle] ?? Number.POSITIVE_INFINITY) < least) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * The root that leaves and the parts beside them lead to. Undefined where the parts are not those that `provePart` gives for these
 * leaves, in its order: then they prove nothing.
 */
function rootOfPart(leaves: ShownLeaves, size: number, parts: readonly HiddenPart[]): TreeHash | undefined {
  const isAscending = leaves.indices.every((index, at) => index >= 0 && index > (leaves.indices[at - 1] ?? -1));
  const fits = leaves.indices.length === leaves.hashes.length && (leaves.indices.at(-1) ?? -1) < size;
  if (!isAscending || !fits || size === 0) {
    return undefined;
  }
  const left = parts[Symbol.iterator]();
  const root = fold({ from: 0, to: size }, within(leaves.indices), { hashes: leaves.hashes, parts: left });
  return left.next().done === true ? root : undefined;
}

interface Known {
  readonly hashes: readonly TreeHash[];
  /** Those that were not used yet. */
  readonly parts: Iterator<HiddenPart>;
}

function fold(range: Range, shown: Slice, known: Known): TreeHash | undefined {
  if (shown.start === shown.end) {
    const next = known.parts.next();
    const isIt = next.done !== true && next.value.from === range.from && next.value.to === range.to;
    return isIt ? next.value.hash : undefined;
  }
  if (range.to - range.from === 1) {
    return known.hashes[shown.start];
  }
  const middle = range.from + leftCount(range.to - range.from);
  const cut = firstFrom(middle, shown);
  const left = fold({ from: range.from, to: middle }, { ...shown, end: cut }, known);
  const right = left && fold({ from: middle, to: range.to }, { ...shown, start: cut }, known);
  return left && right && hashChildren(left, right);
}

/** Whether leaves and parts are of the tree with this root. */
export function provesPart(
  parts: readonly HiddenPart[],
  claim: { readonly leaves: ShownLeaves; readonly size: number; readonly root: TreeHash },
): boolean {
  const root = rootOfPart(claim.leaves, claim.size, parts);
  return root !== undefined && isSameHash(root, claim.root);
}
