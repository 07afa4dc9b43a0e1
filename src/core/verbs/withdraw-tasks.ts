import type { Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { hasEnded } from '../action/action-status.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { OutcomeReason } from '../outcome.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { endFiles } from './end-files.ts';

export interface Withdrawal {
  /** The restore that is the newer word; without one the tasks are merely withdrawn. */
  readonly supersededBy?: ActionId;
  /** Why, where it is another reason than these. */
  readonly reason?: OutcomeReason;
  readonly message: string;
  readonly at: Milliseconds;
}

export interface Withdrawn {
  /** Tasks that no agent had: they are over, and nothing was done. */
  readonly withdrawn: number;
  /** Where an agent has the order: it is asked not to begin, and what it has begun it finishes and reports. */
  readonly asked: readonly EndpointId[];
  /** All of these tasks: first those that are over, then those whose agents are asked. */
  readonly stopped: readonly Task[];
}

/**
 * Takes back tasks inside the caller's transaction: what no agent has ends as `cancelled`, with the reason; agents that
 * have theirs are asked to stop. Tasks that have ended, overdue ones among them, are left as they are. The caller writes
 * the event and, after the commit, rings for `asked`.
 */
export async function withdrawTasks(
  { tasks, outcomes }: Pick<Transaction, 'tasks' | 'outcomes'>,
  all: readonly Task[],
  { supersededBy, reason: given, message, at }: Withdrawal,
): Promise<Withdrawn> {
  const open = all.filter((task) => !hasEnded(task, at));
  const moved = await tasks.transition(
    open.map((task) => task.id),
    'cancel',
    { endedAt: at, stopRequestedAt: at, ...(supersededBy === undefined ? {} : { supersededBy }) },
  );
  const states = new Map(moved.map(({ id, state }) => [id, state]));
  const withdrawn = open.filter((task) => states.get(task.id) === 'cancelled');
  const reason = given ?? (supersededBy === undefined ? 'withdrawn' : 'superseded');
  const end = { outcome: 'cancelled', reason, message, at } as const;
  await outcomes.put(withdrawn.flatMap((task) => endFiles(task, end)));
  const asked = open.filter((task) => states.get(task.id) === 'cancelling');
  return {
    withdrawn: withdrawn.length,
    asked: asked.map((task) => task.endpointId),
    stopped: [...withdrawn, ...asked],
  };
}
