import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { fromBase64, toBase64 } from './base64.ts';
import { longestHeader, mostStanzas } from './bounds.ts';
import { DamagedObject } from './damaged.ts';

const version = 'age-encryption.org/v1';
const macBytes = 32;
/** Characters in a full line of a stanza's body; the last line of a body is shorter, and may be empty. */
const bodyColumns = 64;

/** The file key as one recipient gets it. */
export interface Stanza {
  readonly type: string;
  readonly arguments: readonly string[];
  readonly body: Uint8Array;
}

export interface Header {
  readonly stanzas: readonly Stanza[];
  /** What the code is over: everything up to and with `---`. */
  readonly authenticated: Uint8Array;
  readonly mac: Uint8Array;
  /** Bytes up to the payload. */
  readonly length: number;
}

export function encodeHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Uint8Array {
  const authenticated = Buffer.from(`${version}\n${stanzas.map(encodeStanza).join('')}---`, 'latin1');
  const mac = toBase64(macOf(authenticated, fileKey));
  return Buffer.concat([authenticated, Buffer.from(` ${mac}\n`, 'latin1')]);
}

/** @throws DamagedObject unless the header was made by one who had the file key. */
export function checkMac(header: Header, fileKey: Uint8Array): void {
  if (!timingSafeEqual(macOf(header.authenticated, fileKey), header.mac)) {
    throw new DamagedObject('The header of the object was changed.');
  }
}

/**
 * Strict, as C2SP age demands: there is one way to write a header.
 * @param bytes the object's beginning, as much of it as there is up to `longestHeader`.
 * @throws DamagedObject when there is no header in it within the bounds.
 */
export function parseHeader(bytes: Uint8Array): Header {
  const lines = new Lines(Buffer.from(bytes.subarray(0, longestHeader)).toString('latin1'));
  if (lines.next() !== version) {
    throw malformed();
  }
  const stanzas: Stanza[] = [];
  let line = lines.next();
  while (line.startsWith('-> ') && stanzas.length < mostStanzas) {
    stanzas.push(readStanza(line, lines));
    line = lines.next();
  }
  const mac = line.startsWith('--- ') ? fromBase64(line.slice(4)) : undefined;
  if (stanzas.length === 0 || mac?.length !== macBytes) {
    throw malformed();
  }
  const authenticated = bytes.slice(0, lines.position - line.length - 1 + '---'.length);
  return { stanzas, authenticated, mac, length: lines.position };
}

function readStanza(line: string, lines: Lines): Stanza {
  const [type = '', ...rest] = line.slice('-> '.length).split(' ');
  if (![type, ...rest].every((each) => /^[\x21-\x7e]+$/.test(each))) {
    throw malformed();
  }
  let text = '';
  let last: string;
  do {
    last = lines.next();
    text += last;
  } while (last.length === bodyColumns);
  const body = fromBase64(text);
  if (last.length > bodyColumns || body === undefined) {
    throw malformed();
  }
  return { type, arguments: rest, body };
}

function encodeStanza({ type, arguments: rest, body }: Stanza): string {
  const text = toBase64(body);
  let lines = '';
  for (let start = 0; start <= text.length; start += bodyColumns) {
    lines += `${text.slice(start, start + bodyColumns)}\n`;
  }
  return `-> ${[type, ...rest].join(' ')}\n${lines}`;
}

function macOf(authenticated: Uint8Array, fileKey: Uint8Array): Buffer {
  const key = new Uint8Array(hkdfSync('sha256', fileKey, new Uint8Array(0), 'header', 32));
  return createHmac('sha256', key).update(authenticated).digest();
}

/** One line after the other, each with the end that it must have. */
class Lines {
  position = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  next(): string {
    const end = this.text.indexOf('\n', this.position);
    if (end === -1) {
      throw malformed();
    }
    const line = this.text.slice(this.position, end);
    this.position = end + 1;
    return line;
  }
}

function malformed(): DamagedObject {
  return new DamagedObject('The object has no age header within the limits.');
}
