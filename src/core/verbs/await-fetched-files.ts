import type { Action } from '../action/action.ts';
import type { ActionStatus } from '../action/action-status.ts';
import { Fault } from '../fault.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { type Milliseconds, second } from '../time.ts';
import { type FetchedFile, fetchedFiles } from './fetched-files.ts';

export interface Wait {
  readonly patience: Milliseconds;
  /** Given when nobody waits any more. */
  readonly signal: AbortSignal;
}

const firstPause = second / 10;
const longestPause = second;
const open: readonly ActionStatus[] = ['held', 'pending', 'in_progress', 'cancelling'];

/**
 * Waits until every file of a fetch action has ended. It looks into the store now and then, and keeps nothing of it busy in
 * between.
 * @returns undefined when one has not ended within the patience, or nobody waits any more; the action goes on.
 * @throws Fault `unavailable` when the store cannot tell; the action goes on then too.
 */
export async function awaitFetchedFiles(
  ports: Pick<Ports, 'store' | 'clock'>,
  action: Action,
  { patience, signal }: Wait,
): Promise<readonly FetchedFile[] | undefined> {
  const end = ports.clock.monotonic() + patience;
  for (let pause = firstPause; !signal.aborted; pause = Math.min(2 * pause, longestPause)) {
    const files = await look(ports, action);
    if (files.every(hasEnded)) {
      return files;
    }
    const left = end - ports.clock.monotonic();
    if (left <= 0) {
      return undefined;
    }
    await rest(ports.clock, Math.min(pause, left), signal);
  }
  return undefined;
}

async function look(ports: Pick<Ports, 'store' | 'clock'>, action: Action): Promise<readonly FetchedFile[]> {
  try {
    return await fetchedFiles(ports, [action]);
  } catch (cause) {
    throw new Fault('unavailable', `How action ${action.id} goes on cannot be read now.`, { cause });
  }
}

function hasEnded({ outcome, status }: FetchedFile): boolean {
  return outcome !== undefined || !open.includes(status);
}

async function rest(clock: Clock, length: Milliseconds, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const withdraw = clock.schedule(length, over.resolve);
  signal.addEventListener('abort', () => over.resolve(), { once: true });
  await over.promise;
  withdraw();
}
