import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import type { Job } from '../child/job.ts';
import { type JobResult, runJob } from '../child/run-job.ts';
import type { ChildOptions } from '../child/spawn.ts';
import { ending } from '../operations/ending.ts';
import type { VaultKeys } from '../operations/room.ts';

/** The agent is shutting down: the task stays begun, and goes on in the agent's next life. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

export interface Workshop {
  readonly child: ChildOptions;
  readonly vault: string;
  readonly keys: VaultKeys;
  readonly own: readonly string[];
}

type VaultOrder = Extract<Order['parameters'], { verb: 'quarantine' | 'restore' }>;

/** A child that crashed is started again this often; each run recovers what the one before left. */
const attempts = 3;

/**
 * Runs a quarantine or a restore in a child, again after a crash; when that does not help, has what was begun settled.
 * @throws Abandoned when the signal is given.
 */
export async function performVaultOrder(
  workshop: Workshop,
  order: Order & { readonly parameters: VaultOrder },
  signal: AbortSignal,
): Promise<ReportedFile[]> {
  let result: JobResult = { ok: false, end: 'crashed' };
  for (let attempt = 1; attempt <= attempts && isCrash(result); attempt += 1) {
    result = await runJob(workshop.child, jobOf(workshop, order, false), signal);
  }
  if (!result.ok && result.end !== 'stopped') {
    workshop.child.log.warn('A task could not be finished and is being settled.', {
      taskId: order.taskId,
      end: result.end,
    });
    result = await runJob(workshop.child, jobOf(workshop, order, true), signal);
  }
  return readResult(order, result);
}

function isCrash(result: JobResult): boolean {
  return !result.ok && result.end === 'crashed';
}

function jobOf(workshop: Workshop, order: Order & { readonly parameters: VaultOrder }, settle: boolean): Job {
  const { vault, keys, own } = workshop;
  const { parameters, taskId } = order;
  const common = { vault, keys, own: [...own], taskId, settle, sha256: parameters.sha256 };
  return parameters.verb === 'quarantine'
    ? { ...common, kind: 'quarantine', path: parameters.path }
    : { ...common, kind: 'restore' };
}

function readResult(order: Order & { readonly parameters: VaultOrder }, result: JobResult): ReportedFile[] {
  if (!result.ok) {
    if (result.end === 'stopped') {
      throw new Abandoned('The agent is stopping.');
    }
    return [{ ...unsettled(order, result.end === 'stalled'), ordinal: 0 }];
  }
  if (result.answer.type === 'endings' && result.answer.endings.length > 0) {
    return result.answer.endings.map((each, ordinal) => ({ ...each, ordinal }));
  }
  throw new Error(
    result.answer.type === 'failed' ? result.answer.message : 'A child gave an answer to another question.',
  );
}

function unsettled({ parameters }: { readonly parameters: VaultOrder }, stalled: boolean) {
  return ending({
    outcome: 'interrupted',
    reason: stalled ? 'mount_dead' : 'agent_restarted',
    message: stalled
      ? 'The file system did not answer in time. What was begun is settled when it answers again.'
      : 'The work was cut off again and again. What was begun is settled when the agent starts next.',
    path: parameters.verb === 'quarantine' ? parameters.path : null,
    sha256: parameters.sha256,
  });
}
