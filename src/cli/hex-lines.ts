const width = 16;

/** Bytes as people read them, sixteen on a line: where, which, and those among them that are printable ASCII. */
export function hexLines(bytes: Uint8Array, offset: number): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += width) {
    const some = [...bytes.subarray(at, at + width)];
    const numbers = some.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = some.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    text += `${(offset + at).toString(16).padStart(8, '0')}  ${numbers.padEnd(3 * width)} ${letters}\n`;
  }
  return text;
}
