/** Milliseconds since 1970, as the reader's machine has them. */
export function now(): number {
  return Date.now();
}

/** Calls once the delay has passed. @returns what calls it off */
export function later(delay: number, call: () => void): () => void {
  const timer = setTimeout(call, delay);
  return () => clearTimeout(timer);
}
