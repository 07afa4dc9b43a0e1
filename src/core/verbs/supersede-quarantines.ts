import type { Action, Task } from '../action/action.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Transaction } from '../ports/store/store.ts';
import { withdrawTasks } from './withdraw-tasks.ts';

/**
 * A restore by hash is the newer word about these bytes: quarantines of the hash that no agent has begun must not take the
 * file again once it is back. Those that no agent has end `cancelled`, `superseded`; where an order was sent and no answer
 * has come, the agent is asked not to begin, and ends it so if it had not. What has begun goes on, and the restore comes after it. Inside the transaction
 * of the restore, whose caller rings.
 * @param quarantines of the hash, on endpoints that the restore concerns; others than those not begun are left alone.
 */
export async function supersedeQuarantines(
  transaction: Pick<Transaction, 'tasks' | 'outcomes' | 'events'>,
  restore: Action,
  quarantines: readonly Task[],
): Promise<void> {
  const notBegun = quarantines.filter(isNotBegun);
  if (notBegun.length === 0) {
    return;
  }
  const { withdrawn, stopped } = await withdrawTasks(transaction, notBegun, {
    supersededBy: restore.id,
    message: `The order was superseded by the restore ${restore.id}.`,
    at: restore.createdAt,
  });
  const over = new Set(stopped.slice(0, withdrawn));
  const byAction = Map.groupBy(stopped, ({ actionId }) => actionId);
  await transaction.events.append(
    [...byAction].map(([actionId, group]): NewEvent => {
      const ended = group.filter((task) => over.has(task)).length;
      const facts = { verb: 'quarantine', withdrawn: ended, asked: group.length - ended, supersededBy: restore.id };
      return { type: 'action_cancelled', at: restore.createdAt, actor: restore.principal, actionId, facts };
    }),
  );
}

/** `sent` says that an order left, not that it arrived. */
function isNotBegun({ state }: Task): boolean {
  return state === 'held' || state === 'pending' || state === 'sent';
}
