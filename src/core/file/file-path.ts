import { z } from 'zod';
import type { Brand } from '../brand.ts';

/** An absolute path on an endpoint, as the bytes that the endpoint's kernel uses (promise P7). */
export type FilePath = Brand<Uint8Array, 'FilePath'>;

/** Longest path taken from anyone, in bytes: Linux's PATH_MAX with room for other systems. */
export const longestPath = 32_768;

export function isFilePath(value: unknown): value is FilePath {
  return value instanceof Uint8Array && value.length > 0 && value.length <= longestPath && !value.includes(0);
}

export const filePathSchema = z.custom<FilePath>(isFilePath, 'must be 1 to 32768 bytes with no NUL');

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Control characters, line separators and the bidirectional overrides that make a name lie on a screen. */
const unprintable = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const byteEscape = /\\x([0-9a-f]{2})/g;

/** One line of text that shows the path unambiguously; `parsePath` turns it back into the same bytes. */
export function displayPath(path: Uint8Array): string {
  const text = decode(path);
  if (text !== undefined && !unprintable.test(text) && !/\\x[0-9a-f]{2}/.test(text)) {
    return text;
  }
  return escapeBytes(path);
}

/** The inverse of `displayPath`; text without an escape is taken as UTF-8. @throws ZodError where that is no path. */
export function parsePath(text: string): FilePath {
  return filePathSchema.parse(bytesOf(text));
}

/** As `parsePath`, of text that nobody has checked: undefined where it is no path. */
export function readPath(text: string): FilePath | undefined {
  const bytes = bytesOf(text);
  return isFilePath(bytes) ? bytes : undefined;
}

function bytesOf(text: string): Uint8Array {
  if (!/\\x[0-9a-f]{2}/.test(text)) {
    return encoder.encode(text);
  }
  const bytes: number[] = [];
  let last = 0;
  for (const match of text.matchAll(byteEscape)) {
    bytes.push(...encoder.encode(text.slice(last, match.index)), Number.parseInt(match[1] ?? '', 16));
    last = match.index + match[0].length;
  }
  bytes.push(...encoder.encode(text.slice(last)));
  return Uint8Array.from(bytes);
}

/** The display form of the last component; both separators count, for endpoints differ. */
export function fileName(path: Uint8Array): string {
  const text = displayPath(path);
  if (text.startsWith('/')) {
    return text.slice(text.lastIndexOf('/') + 1);
  }
  return text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Every byte outside printable ASCII, and the backslash itself, becomes `\xNN`. */
function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const plain = byte > 0x1f && byte < 0x7f && byte !== 0x5c;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
