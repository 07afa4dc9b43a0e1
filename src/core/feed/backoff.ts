import type { Random } from '../ports/random.ts';
import { hour, type Milliseconds, minute, second } from '../time.ts';

/** What the first pause may be at most; each further one may be twice as long. */
const firstPause = 5 * second;
const longestPause = 4 * hour;
/** A receiver that asks for a pause gets one between these. */
const leastAsked = second;
const mostAsked = hour;

/** An event is given up after so long, however many attempts are left. */
export const longestTrying: Milliseconds = 24 * hour;

/** By an answer that says of this very event that it will never be taken, as often as that is worth asking again. */
export const attemptsOfRefused = 5;

/** Unless a webhook says otherwise: all their pauses are 22 hours and 45 minutes at most. */
export const usualAttempts = 14;

/**
 * How long to wait after so many failed attempts: anything up to twice as much as the time before ("full jitter"), so that many
 * webhooks do not come at once to a receiver that is back.
 * @param failures 1 after the first
 * @param asked what the receiver asked for in `Retry-After`; null where it did not.
 */
export function pauseAfter(
  failures: number,
  asked: Milliseconds | null,
  random: Pick<Random, 'fraction'>,
): Milliseconds {
  const most = Math.min(firstPause * 2 ** Math.min(failures - 1, 30), longestPause);
  // Never at once: a refusal that takes no time would be asked for in a loop.
  const drawn = Math.max(random.fraction() * most, second);
  return asked === null ? drawn : Math.max(drawn, Math.min(Math.max(asked, leastAsked), mostAsked));
}

/** Of a stream, which is tried for ever. */
export function pauseOfStream(failures: number, random: Pick<Random, 'fraction'>): Milliseconds {
  return Math.min(pauseAfter(failures, null, random), minute);
}
