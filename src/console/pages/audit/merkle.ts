/** What a checkpoint says: how many events there were, and the root of their tree. */
export interface TreeHead {
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

type Hash = Uint8Array<ArrayBuffer>;

async function sha256(...parts: readonly Hash[]): Promise<Hash> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

const leafMark = Uint8Array.of(0);
const nodeMark = Uint8Array.of(1);

const children = (left: Hash, right: Hash): Promise<Hash> => sha256(nodeMark, left, right);

// Not bitwise: those operators cut numbers to 32 bits.
const half = (number: number): number => Math.floor(number / 2);
const isOdd = (number: number): boolean => number % 2 === 1;

/** Up to where the path comes from the right again: what has no right neighbour has no hash in a proof. */
function afterLeft(first: number, last: number): readonly [number, number] {
  let [left, right] = [first, last];
  while (!isOdd(left) && left !== 0) {
    [left, right] = [half(left), half(right)];
  }
  return [left, right];
}

export interface InclusionProof {
  /** The bytes whose hash is the leaf, as text. */
  readonly leaf: string;
  /** Base64 each. */
  readonly inclusion: readonly string[];
  /** 1, 2, 3 ... */
  readonly sequence: number;
}

/** Whether an event is in the tree, made anew here from the leaf and the proof: RFC 9162, 2.1.3.2. */
export async function isIncluded({ leaf, inclusion, sequence }: InclusionProof, head: TreeHead): Promise<boolean> {
  if (sequence < 1 || sequence > head.size) {
    return false;
  }
  let [first, last] = [sequence - 1, head.size - 1];
  let hash = await sha256(leafMark, new TextEncoder().encode(leaf));
  for (const step of inclusion.map(bytesOf)) {
    if (last === 0) {
      return false;
    }
    if (isOdd(first) || first === last) {
      hash = await children(step, hash);
      [first, last] = afterLeft(first, last);
    } else {
      hash = await children(hash, step);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && base64Of(hash) === head.root;
}

/** Whether a tree begins with an older one: RFC 9162, 2.1.4.2. @param consistency base64 each */
export async function isContinued(consistency: readonly string[], older: TreeHead, newer: TreeHead): Promise<boolean> {
  if (older.size === 0) {
    return consistency.length === 0;
  }
  if (older.size >= newer.size) {
    return older.size === newer.size && consistency.length === 0 && older.root === newer.root;
  }
  // A perfect older tree is a subtree of the newer one, whose hash need not be told twice.
  const isPerfect = Number.isInteger(Math.log2(older.size));
  const [start, ...steps] = (isPerfect ? [older.root, ...consistency] : consistency).map(bytesOf);
  const roots = start && (await rootsAlong(start, steps, { older: older.size, newer: newer.size }));
  return roots !== undefined && base64Of(roots.before) === older.root && base64Of(roots.after) === newer.root;
}

async function rootsAlong(
  start: Hash,
  steps: readonly Hash[],
  sizes: { readonly older: number; readonly newer: number },
): Promise<{ readonly before: Hash; readonly after: Hash } | undefined> {
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
      [before, after] = [await children(step, before), await children(step, after)];
      [first, last] = afterLeft(first, last);
    } else {
      after = await children(after, step);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 ? { before, after } : undefined;
}

export function bytesOf(base64: string): Hash {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function base64Of(bytes: Hash): string {
  return btoa(String.fromCharCode(...bytes));
}
