import type { Principal } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { toldTargets } from './told-targets.ts';
import { withdrawTasks } from './withdraw-tasks.ts';

/**
 * Closes a fetch batch: its rows are hidden, and what no agent has taken is withdrawn. Files that an agent is
 * already sending are finished and kept as evidence.
 * @throws Fault `not_found` when the batch is closed already.
 */
export async function closeBatch(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  action: Action,
): Promise<void> {
  const now = ports.clock.now();
  const asked = await ports.store.transact(async (transaction) => {
    const { actions, tasks, events } = transaction;
    if (!(await actions.close(action.id, now))) {
      throw new Fault('not_found', 'This batch is closed already.', { details: { what: 'batch' } });
    }
    const all = await tasks.standingOf(action.id);
    const stopped = await withdrawTasks(transaction, all, { message: 'The batch was closed.', at: now });
    const facts = { ...toldTargets(all), batchNumber: action.batchNumber, withdrawn: stopped.withdrawn };
    await events.append([{ type: 'batch_closed', at: now, actor: by, actionId: action.id, facts }]);
    return stopped.asked;
  });
  ports.doorbell.ring(asked);
}
