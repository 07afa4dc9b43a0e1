import { day, hour, type Milliseconds } from '#core/time.ts';
import type { Journal } from '../journal/journal.ts';
import { pause } from '../tasks/pause.ts';
import type { ServerClock } from '../tasks/server-clock.ts';

const forgetEvery: Milliseconds = day;
/** While nobody is sure of the time. More than an hour: clocks that both jump are often set right in less (promise P72). */
const lookAgainAfter: Milliseconds = 2 * hour;

/**
 * Rids the journal of what no replay can use any more, once a day, until the signal. A clock that is ahead must not make an agent
 * forget what it has done: by the time that it is set right, the order would be good once more. So it goes by two looks, the earlier time
 * of both.
 */
export async function forgetOld(clock: ServerClock, journal: Journal, signal: AbortSignal): Promise<void> {
  let before: Milliseconds | undefined;
  while (!signal.aborted) {
    const now = clock.surelyPassed();
    const both = now === undefined || before === undefined ? undefined : Math.min(before, now);
    if (both !== undefined) {
      await journal.forget(both);
    }
    before = now;
    await pause(clock, both === undefined ? lookAgainAfter : forgetEvery, signal);
  }
}
