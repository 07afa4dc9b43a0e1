/**
 * How a Windows path or name stands in the wire's bytes: WTF-8, which is UTF-8 that also has a form for half a surrogate
 * pair. Windows names are any 16-bit units, and NTFS keeps such halves (https://simonsapin.github.io/wtf-8/); JavaScript
 * strings do too, so that nothing is lost on either way (promise P7).
 */
export function toWtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    pushCodePoint(bytes, character.codePointAt(0) ?? 0);
  }
  return Uint8Array.from(bytes);
}

/** @throws RangeError where the bytes are no WTF-8, a pair that was written as two halves included. */
export function fromWtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let previous = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const codePoint = readCodePoint(bytes, at, length);
    if (isHigh(previous) && isLow(codePoint)) {
      throw new RangeError('A surrogate pair is written as two halves.');
    }
    parts.push(String.fromCodePoint(codePoint));
    previous = codePoint;
    at += length;
  }
  return parts.join('');
}

function pushCodePoint(bytes: number[], point: number): void {
  if (point < 0x80) {
    bytes.push(point);
  } else if (point < 0x800) {
    bytes.push(0xc0 | (point >> 6), tail(point));
  } else if (point < 0x10000) {
    bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
  } else {
    bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

function sequenceLength(first: number): number {
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xc0 && first < 0xe0) {
    return 2;
  }
  if (first >= 0xe0 && first < 0xf0) {
    return 3;
  }
  if (first >= 0xf0 && first < 0xf5) {
    return 4;
  }
  throw new RangeError('A byte stands where no character can begin.');
}

/** The least code point that needs this many bytes: a longer form of a shorter one would be a second spelling. */
const least = [0, 0, 0x80, 0x800, 0x10000];
const firstBits = [0, 0x7f, 0x1f, 0x0f, 0x07];

function readCodePoint(bytes: Uint8Array, at: number, length: number): number {
  let point = (bytes[at] ?? 0) & (firstBits[length] ?? 0);
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined || (byte & 0xc0) !== 0x80) {
      throw new RangeError('A character is cut short.');
    }
    point = (point << 6) | (byte & 0x3f);
  }
  if (point < (least[length] ?? 0) || point > 0x10ffff) {
    throw new RangeError('A character is written in too many bytes.');
  }
  return point;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
