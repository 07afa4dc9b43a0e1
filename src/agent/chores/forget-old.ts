import { day, hour, type Milliseconds } from '#core/time.ts';
import type { Journal } from '../journal/journal.ts';
import { pause } from '../tasks/pause.ts';
import type { ServerClock } from '../tasks/server-clock.ts';

const forgetEvery: Milliseconds = day;
/** While nobody is sure of the time. */
const lookAgainAfter: Milliseconds = hour;

/**
 * Rids the journal of what no replay can use any more, once a day, until the signal. A clock that is ahead must not make an agent
 * forget what it has done: by the time that it is set right, the order would be good once more.
 */
export async function forgetOld(clock: ServerClock, journal: Journal, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = clock.surelyPassed();
    if (now !== undefined) {
      await journal.forget(now);
    }
    await pause(clock, now === undefined ? lookAgainAfter : forgetEvery, signal);
  }
}
