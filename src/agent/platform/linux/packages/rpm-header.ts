/** rpm's numbers for what it keeps of a package (rpmtag.h). */
export const tags = {
  name: 1000,
  fileDigests: 1035,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  fileDigestAlgorithm: 5011,
} as const;

const entryBytes = 16;
const countsBytes = 8;

export interface RpmHeader {
  /** Empty where the package has none. As latin1. */
  strings(tag: number): readonly string[];
  numbers(tag: number): readonly number[];
}

/**
 * A header as rpm's database has it: the number of entries and of data bytes, 4 bytes each, big-endian; per entry tag, type,
 * offset and count, 4 bytes each; then the data (RPM package format, "Header structure").
 */
export function readHeader(blob: Uint8Array): RpmHeader {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const entries = bytes.length < countsBytes ? 0 : bytes.readUInt32BE(0);
  const data = countsBytes + entries * entryBytes;
  const find = (tag: number) => {
    for (let at = countsBytes; at + entryBytes <= Math.min(data, bytes.length); at += entryBytes) {
      if (bytes.readUInt32BE(at) === tag) {
        return { start: data + bytes.readUInt32BE(at + 8), count: bytes.readUInt32BE(at + 12) };
      }
    }
    return { start: bytes.length, count: 0 };
  };
  return {
    strings: (tag) => readStrings(bytes, find(tag)),
    numbers: (tag) => readNumbers(bytes, find(tag)),
  };
}

interface Found {
  readonly start: number;
  readonly count: number;
}

/** One behind the other, each with a NUL. */
function readStrings(bytes: Buffer, { start, count }: Found): readonly string[] {
  const strings: string[] = [];
  for (let at = start; strings.length < count; ) {
    const end = bytes.indexOf(0, at);
    if (end === -1) {
      break;
    }
    strings.push(bytes.toString('latin1', at, end));
    at = end + 1;
  }
  return strings;
}

function readNumbers(bytes: Buffer, { start, count }: Found): readonly number[] {
  const whole = Math.min(count, Math.max(0, Math.floor((bytes.length - start) / 4)));
  return Array.from({ length: whole }, (_, index) => bytes.readUInt32BE(start + index * 4));
}
