import type { Random } from '../ports/random.ts';
import type { Milliseconds } from '../time.ts';
import type { IncidentId } from './incident.ts';

const idsPerMillisecond = 2_000;

/** Grows with time and ends at random, as the ids of actions do: a server restored from a backup repeats none. */
export function newIncidentId(now: Milliseconds, random: Random): IncidentId {
  const tail = random.int32() >>> 0;
  return String(now * idsPerMillisecond + (tail % idsPerMillisecond)) as IncidentId;
}
