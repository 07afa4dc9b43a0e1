import type { Principal } from '../access/principal.ts';
import type { NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Remediation } from '../remediation/remediation.ts';
import type { Milliseconds } from '../time.ts';
import { actionOf, demandId, demandRemediation } from './follow-remediation.ts';
import { toldTargets } from './told-targets.ts';
import { withdrawTasks } from './withdraw-tasks.ts';

/**
 * Stops a remediation as far as it can be stopped: what no agent has is withdrawn, and agents that have an order are asked not to
 * begin. What was done, a blocked hash among it, is not undone; nothing happens where nothing is left to stop.
 * @throws Fault `not_found`
 */
export async function abortRemediation(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  named: string,
): Promise<void> {
  const id = demandId(named);
  const at = ports.clock.now();
  const asked = await ports.store.transact(async (transaction) =>
    abortIn(transaction, await demandRemediation(transaction, id), { by, at }),
  );
  ports.doorbell.ring(asked);
}

interface Abort {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly at: Milliseconds;
}

async function abortIn(
  transaction: Transaction,
  { id, incidentId, rows }: Remediation,
  { by, at }: Abort,
): Promise<readonly EndpointId[]> {
  const actionIds = [...new Set(rows.flatMap(({ result }) => actionOf(result)))];
  const before = await transaction.tasks.byActions(actionIds);
  const { withdrawn, asked, stopped } = await withdrawTasks(transaction, before, {
    message: 'The remediation was aborted.',
    at,
  });
  if (withdrawn + asked.length === 0) {
    return [];
  }
  await transaction.remediations.abort(id, at, { kind: by.kind, id: by.id, name: by.name });
  const after = new Map((await transaction.tasks.byActions(actionIds)).map((task) => [task.id, task.state]));
  const moved = before.filter((task) => after.get(task.id) !== task.state);
  await transaction.events.append([
    {
      type: 'remediation_aborted',
      ...{ at, actor: by },
      ...(incidentId !== null && { incidentId }),
      facts: { ...toldTargets(stopped), remediationId: id, withdrawn, asked: asked.length },
    },
    ...moved.map((task): NewEvent => {
      const isWithdrawn = after.get(task.id) === 'cancelled';
      const counts = { withdrawn: isWithdrawn ? 1 : 0, asked: isWithdrawn ? 0 : 1 };
      const facts = { ...toldTargets([task]), verb: task.parameters.verb, ...counts };
      return { type: 'action_cancelled', at, actor: by, actionId: task.actionId, facts };
    }),
  ]);
  return asked;
}
