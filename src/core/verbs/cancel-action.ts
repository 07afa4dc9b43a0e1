import type { Principal } from '../access/principal.ts';
import type { Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { hasEnded } from '../action/action-status.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { toldTargets } from './told-targets.ts';
import { type Withdrawn, withdrawTasks } from './withdraw-tasks.ts';

export interface CancelledAction {
  /** Endpoints whose agents did not have the order: there it is over, and nothing was done. */
  readonly withdrawn: number;
  /** Endpoints whose agents have it and were asked to stop: each still reports how it ended. */
  readonly asked: number;
  /** Endpoints where it had ended before anybody asked. */
  readonly tooLate: number;
}

/** Who stops which action, and when. */
export interface Cancelling {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly id: ActionId;
  readonly at: Milliseconds;
}

/**
 * Stops an action as far as it can be stopped: what no agent has is withdrawn, and agents that have it are asked to begin it no more,
 * and no next file of it. What has ended is left as it is, and it is noted that somebody asked; what was stopped before counts no more.
 * @throws Fault `not_found`
 */
export async function cancelAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Cancelling['by'],
  id: ActionId,
): Promise<CancelledAction> {
  const cancelling = { by, id, at: ports.clock.now() };
  const { withdrawn, asked, tooLate } = await ports.store.transact((transaction) =>
    cancelWithin(transaction, cancelling),
  );
  ports.doorbell.ring(asked);
  return { withdrawn, asked: asked.length, tooLate };
}

interface Cancelled extends Withdrawn {
  readonly tooLate: number;
}

/** As `cancelAction`, inside the caller's transaction; the caller rings for `asked` after the commit. */
export async function cancelWithin(transaction: Transaction, { by, id, at }: Cancelling): Promise<Cancelled> {
  const action = await transaction.actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  const tasks = await transaction.tasks.standingOf(id);
  const stopped = await withdrawTasks(transaction, tasks, { message: 'The action was cancelled.', at });
  const tooLate = await noteLate(transaction, tasks, at);
  if (stopped.withdrawn + stopped.asked.length > 0) {
    const counts = { withdrawn: stopped.withdrawn, asked: stopped.asked.length, tooLate };
    const facts = { ...toldTargets(stopped.stopped), verb: action.verb, ...counts };
    await transaction.events.append([{ type: 'action_cancelled', at, actor: by, actionId: id, facts }]);
  }
  return { ...stopped, tooLate };
}

/** @returns how many had ended before anybody asked. */
async function noteLate(
  { tasks }: Pick<Transaction, 'tasks'>,
  all: readonly Task[],
  at: Milliseconds,
): Promise<number> {
  const late = all.filter((task) => task.stopRequestedAt === null && hasEnded(task, at)).map(({ id }) => id);
  if (late.length > 0) {
    await tasks.noteLateStop(late, at);
  }
  return late.length;
}
