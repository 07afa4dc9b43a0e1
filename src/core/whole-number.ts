import { z } from 'zod';

/** The number that a text of digits alone says, 0 or more; undefined for another text, and for what no number holds exactly. */
export function wholeNumberOf(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** Clients send numbers as text, too. */
export const wholeNumberText = z.string().transform(wholeNumberOf).pipe(z.int());
