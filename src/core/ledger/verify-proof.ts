import { hashChildren, isSameHash, type TreeHash } from './tree-hash.ts';

export interface InclusionClaim {
  readonly leaf: TreeHash;
  readonly index: number;
  readonly size: number;
  readonly root: TreeHash;
}

/** RFC 9162, 2.1.3.2. */
export function provesInclusion(proof: readonly TreeHash[], { leaf, index, size, root }: InclusionClaim): boolean {
  if (index < 0 || index >= size) {
    return false;
  }
  let [first, last, hash] = [index, size - 1, leaf];
  for (const step of proof) {
    if (last === 0) {
      return false;
    }
    if (isOdd(first) || first === last) {
      hash = hashChildren(step, hash);
      [first, last] = afterLeft(first, last);
    } else {
      hash = hashChildren(hash, step);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && isSameHash(hash, root);
}

export interface ConsistencyClaim {
  readonly older: { readonly size: number; readonly root: TreeHash };
  readonly newer: { readonly size: number; readonly root: TreeHash };
}

/** RFC 9162, 2.1.4.2. Every tree begins with the empty one. */
export function provesConsistency(proof: readonly TreeHash[], { older, newer }: ConsistencyClaim): boolean {
  if (older.size === 0) {
    return proof.length === 0;
  }
  if (older.size >= newer.size) {
    return older.size === newer.size && proof.length === 0 && isSameHash(older.root, newer.root);
  }
  // A perfect older tree is a subtree of the newer one, whose hash need not be told twice.
  const [start, ...steps] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  const roots = start === undefined ? undefined : rootsAlong(start, steps, { older: older.size, newer: newer.size });
  return roots !== undefined && isSameHash(roots.before, older.root) && isSameHash(roots.after, newer.root);
}

interface Roots {
  readonly before: TreeHash;
  readonly after: TreeHash;
}

/** The roots of both trees that a proof leads to; undefined where it is too long or too short for their sizes. */
function rootsAlong(
  start: TreeHash,
  steps: readonly TreeHash[],
  sizes: { readonly older: number; readonly newer: number },
): Roots | undefined {
  let [first, last] = [sizes.older - 1, sizes.newer - 1];
  while (isOdd(first)) {
    [first, last] = [half(first), half(last)];
  }
  let [before, after] = [start, start];
  for (const step of steps) {
    if (last === 0) {
      return undefined;
    }
    if (isOdd(first) || first === last) {
      [before, after] = [hashChildren(step, before), hashChildren(step, after)];
      [first, last] = afterLeft(first, last);
    } else {
      after = hashChildren(after, step);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 ? { before, after } : undefined;
}

/** Up to where the path comes from the right again: what has no right neighbour has no hash in a proof. */
function afterLeft(first: number, last: number): [number, number] {
  let [left, right] = [first, last];
  while (!isOdd(left) && left !== 0) {
    [left, right] = [half(left), half(right)];
  }
  return [left, right];
}

// Not bitwise: those operators cut numbers to 32 bits.
const half = (number: number): number => Math.floor(number / 2);
const isOdd = (number: number): boolean => number % 2 === 1;
const isPowerOfTwo = (number: number): boolean => Number.isInteger(Math.log2(number));
