/** Decodes base64 that a schema has accepted, into bytes of their own. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
