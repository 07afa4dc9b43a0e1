import { Fault } from '../fault.ts';

const longestAlias = 255;
const longestTag = 100;

/** Controls, separators of lines, and marks that turn the direction of what follows: shown to people, they would lie. */
const unprintable = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

/**
 * An alias that people gave; the empty one takes it away.
 * @throws Fault `invalid_request`
 */
export function readAlias(text: string): string {
  return readLine(text.trim(), { field: 'alias', longest: longestAlias });
}

/** @throws Fault `invalid_request` */
export function readTag(text: string): string {
  const tag = readLine(text.trim(), { field: 'tag', longest: longestTag });
  if (tag === '') {
    throw new Fault('invalid_request', 'tag: must not be empty', { details: { field: 'tag' } });
  }
  return tag;
}

/** @throws Fault `invalid_request` */
export function readLine(
  text: string,
  { field, longest }: { readonly field: string; readonly longest: number },
): string {
  if (text.length > longest || unprintable.test(text) || !text.isWellFormed()) {
    const message = `${field}: must be one line of printable text, at most ${longest} characters`;
    throw new Fault('invalid_request', message, { details: { field } });
  }
  return text;
}
