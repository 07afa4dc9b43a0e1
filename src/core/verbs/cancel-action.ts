import type { Principal } from '../access/principal.ts';
import type { ActionId } from '../action/action-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { toldTargets } from './told-targets.ts';
import { type Withdrawn, withdrawTasks } from './withdraw-tasks.ts';

export interface CancelledAction {
  /** Endpoints whose agents did not have the order: there it is over, and nothing was done. */
  readonly withdrawn: number;
  /** Endpoints whose agents have it and were asked not to begin: each still reports how it ended. */
  readonly asked: number;
}

/** Who stops which action, and when. */
export interface Cancelling {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly id: ActionId;
  readonly at: Milliseconds;
}

/**
 * Stops an action as far as it can be stopped: what no agent has is withdrawn, and agents that have it are asked not to
 * begin. What has ended, or was stopped before, is left as it is and not counted.
 * @throws Fault `not_found`
 */
export async function cancelAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Cancelling['by'],
  id: ActionId,
): Promise<CancelledAction> {
  const cancelling = { by, id, at: ports.clock.now() };
  const { withdrawn, asked } = await ports.store.transact((transaction) => cancelWithin(transaction, cancelling));
  ports.doorbell.ring(asked);
  return { withdrawn, asked: asked.length };
}

/** As `cancelAction`, inside the caller's transaction; the caller rings for `asked` after the commit. */
export async function cancelWithin(transaction: Transaction, { by, id, at }: Cancelling): Promise<Withdrawn> {
  const action = await transaction.actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  const tasks = await transaction.tasks.byAction(id);
  const stopped = await withdrawTasks(transaction, tasks, { message: 'The action was cancelled.', at });
  if (stopped.withdrawn + stopped.asked.length > 0) {
    const counts = { withdrawn: stopped.withdrawn, asked: stopped.asked.length };
    const facts = { ...toldTargets(stopped.stopped), verb: action.verb, ...counts };
    await transaction.events.append([{ type: 'action_cancelled', at, actor: by, actionId: id, facts }]);
  }
  return stopped;
}
