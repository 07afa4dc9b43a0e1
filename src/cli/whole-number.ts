import { InvalidArgumentError } from 'commander';

/** Reads a whole number that is not negative. */
export function parseWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new InvalidArgumentError('Write a whole number.');
  }
  return Number(text);
}
