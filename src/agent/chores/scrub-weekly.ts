import { z } from 'zod';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Random } from '#core/ports/random.ts';
import { day, hour, type Milliseconds } from '#core/time.ts';
import { runJob } from '../child/run-job.ts';
import { readOwnFile, replaceOwnFile } from '../platform/own-files.ts';
import { pause } from '../tasks/pause.ts';
import { vaultPart, type Workshop } from '../tasks/perform.ts';

const week: Milliseconds = 7 * day;
/** Machines that were set up together do not read their disks together. */
const spread: Milliseconds = day / 2;
const retryAfter: Milliseconds = hour;

const noteSchema = z.object({ next: z.number().int().nonnegative() });

export interface ScrubTools {
  readonly workshop: () => Workshop;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The file that remembers when the next one is due. */
  readonly note: string;
  /** The vault was read to its end; so many of its objects are damaged. */
  scrubbed(damaged: number): void;
}

/** Has the vault read every week (promise P21), also when the agent is never up for a week on end, until the signal. */
export async function scrubWeekly(tools: ScrubTools, signal: AbortSignal): Promise<void> {
  const { clock, random, note } = tools;
  let next = dueAt(note, clock.now()) ?? remember(note, clock.now() + Math.floor(random.fraction() * day));
  while (!signal.aborted) {
    await pause(clock, next - clock.now(), signal);
    if (!signal.aborted) {
      const isDone = await scrub(tools, signal);
      const early = Math.floor(random.fraction() * spread);
      next = isDone ? remember(note, clock.now() + week - early) : clock.now() + retryAfter;
    }
  }
}

async function scrub({ workshop, log, scrubbed }: ScrubTools, signal: AbortSignal): Promise<boolean> {
  const room = workshop();
  const result = await runJob(room.child, { kind: 'scrub', ...vaultPart(room) }, signal);
  if (!result.ok || result.answer.type !== 'scrubbed') {
    if (!signal.aborted) {
      log.error('The vault could not be read to its end; it is tried again in an hour.', { result });
    }
    return false;
  }
  const { checked, damaged } = result.answer;
  if (damaged.length > 0) {
    log.error('Objects of the vault are damaged; what they held cannot be restored from them.', { damaged });
  } else {
    log.info('The vault was read, and all of it is good.', { checked });
  }
  scrubbed(damaged.length);
  return true;
}

/** Undefined when nothing sensible is remembered; a clock that was wrong then must not put it off for years. */
function dueAt(note: string, now: Milliseconds): Milliseconds | undefined {
  const text = readOwnFile(note);
  try {
    const { next } = noteSchema.parse(JSON.parse(text ?? ''));
    return Math.min(next, now + week);
  } catch {
    return undefined;
  }
}

function remember(note: string, next: Milliseconds): Milliseconds {
  replaceOwnFile(note, JSON.stringify({ next }));
  return next;
}
