import type { Brand } from '../brand.ts';
import type { Random } from '../ports/random.ts';
import type { Milliseconds } from '../time.ts';

/** Digits only, 1 to 2^53-1, because clients of both vendors turn it into a number and back. */
export type IncidentId = Brand<string, 'IncidentId'>;

export function isIncidentId(value: string): value is IncidentId {
  return /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value));
}

const idsPerMillisecond = 2_000;

/** Grows with time and ends at random, as the ids of actions do: a server restored from a backup repeats none. */
export function newIncidentId(now: Milliseconds, random: Random): IncidentId {
  const tail = random.int32() >>> 0;
  return String(now * idsPerMillisecond + (tail % idsPerMillisecond)) as IncidentId;
}
