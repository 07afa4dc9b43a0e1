import { ShownText } from './shown-text.tsx';

interface BytesProps {
  readonly bytes: Uint8Array;
  /** Of the first of them in the file. */
  readonly offset: number;
}

const rowBytes = 16;
const hexDigits = 16;
const offsetDigits = 8;
const firstPrintable = 0x20;
const lastPrintable = 0x7e;

/** Bytes by their numbers, sixteen a line. */
export function HexView({ bytes, offset }: BytesProps) {
  const rows = Array.from({ length: Math.ceil(bytes.length / rowBytes) }, (_, row) =>
    hexRow(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), offset + row * rowBytes),
  );
  return (
    <pre aria-label="Bytes in hexadecimal" className="bytes hex" role="region" tabIndex={0}>
      {rows.join('\n')}
    </pre>
  );
}

function hexRow(bytes: Uint8Array, at: number): string {
  const numbers = [...bytes].map((byte) => byte.toString(hexDigits).padStart(2, '0'));
  const letters = [...bytes].map((byte) =>
    byte >= firstPrintable && byte <= lastPrintable ? String.fromCharCode(byte) : '.',
  );
  const address = at.toString(hexDigits).padStart(offsetDigits, '0');
  return `${address}  ${numbers.join(' ').padEnd(rowBytes * 3 - 1)}  ${letters.join('')}`;
}

const tab = '    ';

/** Bytes as text. What would turn, hide or move text, and what is no text, is shown by its number. */
export function TextView({ bytes }: Pick<BytesProps, 'bytes'>) {
  const lines = decoderFor(bytes).decode(bytes).replaceAll('\r\n', '\n').replaceAll('\t', tab).split('\n');
  return (
    <div aria-label="Bytes as text" className="bytes text" role="region" tabIndex={0}>
      {lines.map((line, index) => (
        <div key={index}>
          <ShownText text={line} />
        </div>
      ))}
    </div>
  );
}

const [littleMark, bigMark] = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;

function decoderFor([first, second]: Uint8Array): TextDecoder {
  if (first === littleMark[0] && second === littleMark[1]) {
    return new TextDecoder('utf-16le');
  }
  return new TextDecoder(first === bigMark[0] && second === bigMark[1] ? 'utf-16be' : 'utf-8', { ignoreBOM: true });
}
