import { InvalidArgumentError, Option } from 'commander';

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Reads `90s`, `30m`, `24h`, `7d`, `2w`. @returns seconds */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhdw])$/.exec(text);
  const unit = unitSeconds[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw new InvalidArgumentError('Write a number and a unit: 90s, 30m, 24h, 7d or 2w.');
  }
  return Number(match[1]) * unit;
}

/** An option whose default the help shows as a person would write it. */
export function durationOption(flags: string, description: string, otherwise: string): Option {
  return new Option(flags, description).argParser(parseDuration).default(parseDuration(otherwise), otherwise);
}

/** As `parseDuration` reads it, in the largest unit that is exact. */
export function shownDuration(seconds: number): string {
  const fitting = Object.entries(unitSeconds).findLast(([unit, size]) => unit !== 'w' && seconds % size === 0);
  const [unit, size] = fitting ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
