import type { Action, Task } from '../action/action.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Transaction } from '../ports/store/store.ts';
import { type Withdrawn, withdrawTasks } from './withdraw-tasks.ts';

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
  await supersede(transaction, restore, quarantines.filter(isNotBegun));
}

/** As `supersedeQuarantines`, all of them: agents that have one are asked not to begin, and what has begun goes on. */
export async function supersede(
  transaction: Pick<Transaction, 'tasks' | 'outcomes' | 'events'>,
  newer: Action,
  quarantines: readonly Task[],
): Promise<Withdrawn> {
  const { id, verb, createdAt: at, principal } = newer;
  const message = `The order was superseded by the ${verb} ${id}.`;
  const done = await withdrawTasks(transaction, quarantines, { supersededBy: id, message, at });
  const over = new Set(done.stopped.slice(0, done.withdrawn));
  const byAction = Map.groupBy(done.stopped, ({ actionId }) => actionId);
  await transaction.events.append(
    [...byAction].map(([actionId, group]): NewEvent => {
      const ended = group.filter((task) => over.has(task)).length;
      const facts = { verb: 'quarantine', withdrawn: ended, asked: group.length - ended, supersededBy: id };
      return { type: 'action_cancelled', at, actor: principal, actionId, facts };
    }),
  );
  return done;
}

/** `sent` says that an order left, not that it arrived. */
function isNotBegun({ state }: Task): boolean {
  return state === 'held' || state === 'pending' || state === 'sent';
}
