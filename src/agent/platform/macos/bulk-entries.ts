/** xnu, bsd/sys/attr.h. */
const bitmapCount = 5;
const commonName = 0x1;
const commonError = 0x20000000;
const commonReturned = 0x80000000;

/** A `struct attrlist` that asks getattrlistbulk(2) for the name of each entry, and for the error where it has none. */
export function nameRequest(): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, bitmapCount, true);
  view.setUint32(4, (commonName | commonError | commonReturned) >>> 0, true);
  return bytes;
}

/**
 * The names in what getattrlistbulk(2) wrote: `count` entries, each with its length, the set of what was returned (five
 * words), the error where that set has one, and a reference to the name, whose offset counts from the reference itself. All
 * of it is packed to four bytes.
 * @throws RangeError where an entry does not lie within the bytes.
 */
export function readBulkNames(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const names: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint32(at, true);
    if (length < 24 || at + length > bytes.length) {
      throw new RangeError('A directory entry is longer than the list that it is in.');
    }
    const name = readName(bytes.subarray(at, at + length));
    if (name !== undefined) {
      names.push(name);
    }
    at += length;
  }
  return names;
}

const returnedAt = 4;
const firstValueAt = 24;

function readName(entry: Uint8Array): Uint8Array | undefined {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const returned = view.getUint32(returnedAt, true);
  if ((returned & commonName) === 0) {
    return undefined;
  }
  const at = firstValueAt + ((returned & commonError) === 0 ? 0 : 4);
  const start = at + view.getInt32(at, true);
  const length = view.getUint32(at + 4, true);
  if (start < at || length < 1 || start + length > entry.length) {
    throw new RangeError('A name does not lie within its directory entry.');
  }
  return entry.slice(start, start + length - 1);
}
