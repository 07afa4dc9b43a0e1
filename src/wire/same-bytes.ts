/** How long it takes tells how much is alike: not for secrets. */
export function areSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
