import { z } from 'zod';

/** In characters. */
export const longestTexts = { short: 1_000, long: 32_768 } as const;

/** Not every store takes a NUL or half a character. */
export function alertText(longest: number) {
  return z
    .string('must be a string')
    .max(longest, `must have at most ${longest} characters`)
    .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be whole characters without NUL');
}
