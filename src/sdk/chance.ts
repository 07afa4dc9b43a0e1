// The SDK's one adapter to the runtime's chance, of a server or a browser.

/** From 0 up to 1, so that many clients whose server went away do not come again at once. */
export function newJitter(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/** A key that no other request has. */
export function newIdempotencyKey(): string {
  return `"${crypto.randomUUID()}"`;
}
