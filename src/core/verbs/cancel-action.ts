import type { Principal } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { type Withdrawn, withdrawTasks } from './withdraw-tasks.ts';

export interface CancelledAction {
  /** Endpoints whose agents did not have the order: there it is over, and nothing was done. */
  readonly withdrawn: number;
  /** Endpoints whose agents have it and were asked not to begin: each still reports how it ended. */
  readonly asked: number;
}

/**
 * Stops an action as far as it can be stopped: what no agent has is withdrawn, and agents that have it are asked not to
 * begin. What has ended, or was stopped before, is left as it is and not counted.
 * @throws Fault `not_found`
 */
export async function cancelAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  id: ActionId,
): Promise<CancelledAction> {
  const at = ports.clock.now();
  const { withdrawn, asked } = await ports.store.transact(async (transaction) => {
    const action = await transaction.actions.byId(id);
    if (action === undefined) {
      throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
    }
    return cancelIn(transaction, { by, action, at });
  });
  ports.doorbell.ring(asked);
  return { withdrawn, asked: asked.length };
}

export interface Cancelling {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly action: Pick<Action, 'id' | 'verb'>;
  readonly at: Milliseconds;
}

/** Within the caller's transaction; the caller rings for `asked` after the commit. */
export async function cancelIn(transaction: Transaction, { by, action, at }: Cancelling): Promise<Withdrawn> {
  const tasks = await transaction.tasks.byAction(action.id);
  const stopped = await withdrawTasks(transaction, tasks, { message: 'The action was cancelled.', at });
  const { withdrawn, asked } = stopped;
  if (withdrawn + asked.length > 0) {
    const facts = { verb: action.verb, withdrawn, asked: asked.length };
    await transaction.events.append([{ type: 'action_cancelled', at, actor: by, actionId: action.id, facts }]);
  }
  return stopped;
}
