import type { Principal } from '../access/principal.ts';
import type { Action } from '../action/action.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { endFiles } from './end-files.ts';

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
  const asked = await ports.store.transact(async ({ actions, tasks, outcomes, events }) => {
    if (!(await actions.close(action.id, now))) {
      throw new Fault('not_found', 'This batch is closed already.', { details: { what: 'batch' } });
    }
    const all = await tasks.byAction(action.id);
    const moved = await tasks.transition(
      all.map((task) => task.id),
      'cancel',
      { endedAt: now },
    );
    const cancelled = new Set(moved.filter((task) => task.state === 'cancelled').map((task) => task.id));
    const withdrawn = all.filter((task) => cancelled.has(task.id));
    const end = { outcome: 'cancelled', reason: 'withdrawn', message: 'The batch was closed.', at: now } as const;
    await outcomes.put(withdrawn.flatMap((task) => endFiles(task, end)));
    const facts = { batchNumber: action.batchNumber, withdrawn: withdrawn.length };
    await events.append([{ type: 'batch_closed', at: now, actor: by, actionId: action.id, facts }]);
    return all.filter((task) => moved.some(({ id, state }) => id === task.id && state === 'cancelling'));
  });
  ports.doorbell.ring(asked.map((task) => task.endpointId));
}
