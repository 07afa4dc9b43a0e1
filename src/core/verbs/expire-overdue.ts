import type { Task } from '../action/action.ts';
import { serverActor } from '../custody/event.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { countFiles, type End, endFiles } from './end-files.ts';

const mostTasks = 500;
/** Bounds what one transaction writes; a task with more files than this is ended by itself. */
const mostFiles = 5_000;

/**
 * Ends tasks whose deadline has passed. A report that comes later still replaces what is written here.
 * @returns whether more are overdue: then call again.
 */
export async function expireOverdue(ports: Pick<Ports, 'store' | 'clock'>): Promise<boolean> {
  const now = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const { tasks, outcomes, events } = transaction;
    const found = await tasks.overdue(now, mostTasks);
    const overdue = firstWithin(found, mostFiles);
    const moved = await tasks.transition(
      overdue.map((task) => task.id),
      'expire',
      { endedAt: now },
    );
    const expired = new Set(moved.map((task) => task.id));
    const ended = overdue.filter((task) => expired.has(task.id));
    await outcomes.put(ended.flatMap((task) => endFiles(task, { outcome: 'expired', ...why(task), at: now })));
    await expireApprovals(transaction, ended, now);
    await events.append(
      ended.map((task) => ({
        type: 'tasks_expired',
        at: now,
        actor: serverActor,
        actionId: task.actionId,
        endpointId: task.endpointId,
        facts: { taskId: task.id },
      })),
    );
    return found.length === mostTasks || overdue.length < found.length;
  });
}

function why({ state, ring, acceptedAt }: Task): Pick<End, 'reason' | 'message'> {
  if (state === 'held' && ring === 'later') {
    const message =
      'The ring of this endpoint did not go out before the deadline. It was told nothing, and nothing was done.';
    return { reason: 'deadline_passed', message };
  }
  if (state === 'held') {
    const message = 'Nobody approved the order in time. No endpoint was told of it, and nothing was done.';
    return { reason: 'not_approved', message };
  }
  const message =
    acceptedAt === null
      ? 'The endpoint did not take the order before its deadline.'
      : 'The endpoint took the order but did not report before its deadline.';
  return { reason: 'deadline_passed', message };
}

/** Once for each action, however many transactions its tasks take. */
async function expireApprovals(
  { approvals, events }: Pick<Transaction, 'approvals' | 'events'>,
  ended: readonly Task[],
  at: Milliseconds,
): Promise<void> {
  const held = ended.filter(({ state }) => state === 'held').map(({ actionId }) => actionId);
  if (held.length === 0) {
    return;
  }
  const expired = await approvals.expire([...new Set(held)], { at, by: serverActor, reason: '' });
  await events.append(
    expired.toSorted().map((actionId) => ({ type: 'approval_expired', at, actor: serverActor, actionId, facts: {} })),
  );
}

function firstWithin(tasks: readonly Task[], files: number): readonly Task[] {
  let sum = 0;
  const end = tasks.findIndex((task) => {
    sum += countFiles(task);
    return sum > files;
  });
  return end === -1 ? tasks : tasks.slice(0, Math.max(end, 1));
}
