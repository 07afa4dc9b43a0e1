import type { Clock } from '#core/ports/clock.ts';
import { day, type Milliseconds } from '#core/time.ts';
import type { Journal } from '../journal/journal.ts';
import { pause } from '../tasks/pause.ts';

const forgetEvery: Milliseconds = day;

/** Rids the journal of what no replay can use any more, once a day, until the signal. */
export async function forgetOld(clock: Clock, journal: Journal, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await journal.forget(clock.now());
    await pause(clock, forgetEvery, signal);
  }
}
