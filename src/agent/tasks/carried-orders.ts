import path from 'node:path';
import type { SignedBytes } from '#core/action/action.ts';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { isGivingBack } from '#core/action/giving-back.ts';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { readOrderToken, writeOrderToken } from '#wire/order-token.ts';
import type { Journal } from '../journal/journal.ts';
import { pause } from './pause.ts';
import { readOrder } from './verify-order.ts';

/** Somebody stands at the machine and waits. */
const lookPause: Milliseconds = 2 * second;

export interface CarriedTools {
  readonly fs: Fs;
  readonly directory: string;
  readonly journal: Pick<Journal, 'stateOf'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What a connection would hand over; what is no order of our server is refused there. */
  take(signed: SignedBytes): Promise<void>;
  hurry(taskId: TaskId): void;
}

/** Hands an order that was brought to this machine to the agent that runs here. Durable when the promise resolves. */
export async function handOver(
  { fs, directory }: Pick<CarriedTools, 'fs' | 'directory'>,
  { taskId, signed }: { readonly taskId: TaskId; readonly signed: SignedBytes },
): Promise<void> {
  await fs.makeDirectory(directory);
  await fs.replace(path.join(directory, taskId), new TextEncoder().encode(writeOrderToken(signed)));
}

/** Takes what `handOver` left, until the signal is given: the agent that runs here is another process than the one that was given it. */
export async function takeCarriedOrders(tools: CarriedTools, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const name of await tools.fs.list(tools.directory)) {
      await takeOne(tools, name);
    }
    await pause(tools.clock, lookPause, signal);
  }
}

/** The file stays until the task has begun: an agent that is killed before that hurries it again. */
async function takeOne(tools: CarriedTools, name: string): Promise<void> {
  const { fs, directory, journal, log } = tools;
  const file = path.join(directory, name);
  try {
    const taskId = taskIdSchema.parse(name);
    if (journal.stateOf(taskId) === undefined) {
      const text = await fs.read(file);
      await tools.take(demandGivingBack(readOrderToken(new TextDecoder().decode(text))));
    }
    if (journal.stateOf(taskId) === 'received') {
      tools.hurry(taskId);
      return;
    }
  } catch (cause) {
    log.error('An order that was brought to this machine could not be taken.', { file: name, cause });
  }
  try {
    await fs.remove(file);
  } catch (cause) {
    const message = 'An order that was brought to this machine could not be removed; it will be tried again.';
    log.warn(message, { file: name, cause });
  }
}

/** What waits for a server to say what time it is must not be hurried by whoever can write here, unless it gives back. */
function demandGivingBack(signed: SignedBytes): SignedBytes {
  const verb = readOrder(signed.bytes)?.parameters.verb;
  if (verb === undefined || !isGivingBack(verb)) {
    throw new Fault('invalid_request', 'Only what gives files back is carried by hand.');
  }
  return signed;
}
