import { Fault } from '#core/fault.ts';

/** SQLite refuses longer ones (SQLITE_MAX_LIKE_PATTERN_LENGTH, in bytes); both databases shall agree. */
const longestPattern = 50_000;

/** A LIKE pattern for any text that contains this text. */
export function containsPattern(text: string): string {
  return bounded(`%${escapeLike(text)}%`);
}

/** A LIKE pattern for a wildcard in which `*` is any text and `?` one character. */
export function wildcardPattern(wildcard: string): string {
  return bounded(escapeLike(wildcard).replaceAll(/\*+/g, '%').replaceAll('?', '_'));
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

function bounded(pattern: string): string {
  if (Buffer.byteLength(pattern) > longestPattern) {
    throw new Fault('invalid_request', `A text to search for has at most ${longestPattern} bytes.`);
  }
  return pattern;
}
