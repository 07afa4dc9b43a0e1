import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import { giveBackMemory } from '../platform/idle-memory.ts';
import { pause } from '../tasks/pause.ts';

/** By then an agent has started, is connected and has looked through its vault. */
const afterStart: Milliseconds = 20 * second;
const every: Milliseconds = 10 * minute;

/** Keeps an idle agent small, until the signal: at most 60 MB resident is what a machine's owner is promised. */
export async function giveBackMemoryAgain(clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  await pause(clock, afterStart, signal);
  while (!signal.aborted) {
    await giveBackMemory().catch((cause: unknown) => log.warn('Memory could not be given back.', { cause }));
    await pause(clock, every, signal);
  }
}
