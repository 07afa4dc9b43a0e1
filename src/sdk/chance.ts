/** A key that no other request has. The SDK's one adapter to the runtime's chance, of a server or a browser. */
export function newIdempotencyKey(): string {
  return `"${crypto.randomUUID()}"`;
}
