/** Bytes that follow from their place in a file, so that any part of it can be made and checked alone. */
export function patternedBytes(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    const place = offset + index;
    bytes[index] = (place ^ (place >>> 8) ^ (place >>> 16)) & 0xff;
  }
  return bytes;
}
