import { demandPermission, type Principal } from '../access/principal.ts';
import type { Task } from '../action/action.ts';
import type { ActionId } from '../action/action-id.ts';
import { awaitsConfirmation } from '../action/needs-confirmation.ts';
import { permissionsFor } from '../action/permission-for.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { toldTargets } from './told-targets.ts';

export interface ConfirmAction {
  readonly principal: Principal;
  readonly actionId: ActionId;
  /** Undefined: every endpoint of the action. */
  readonly endpointIds?: readonly EndpointId[] | undefined;
  readonly reason?: string | undefined;
}

type ConfirmPorts = Pick<Ports, 'store' | 'clock' | 'policy' | 'doorbell'>;

/**
 * Lets those orders of an action go out that have not reached their endpoints for so long that they wait for it. Their deadline stays.
 * @returns on how many endpoints.
 * @throws Fault `not_found`; `permission_denied` for who may not order the same; `conflict` where none waits
 */
export async function confirmAction(ports: ConfirmPorts, request: ConfirmAction): Promise<number> {
  const confirm = (transaction: Transaction) => confirmIn(ports, transaction, request);
  const confirmed = await ports.store.transact(confirm, { fleetWide: request.endpointIds === undefined });
  ports.doorbell.ring(confirmed.map(({ endpointId }) => endpointId));
  return confirmed.length;
}

async function confirmIn(
  { clock, policy }: Pick<ConfirmPorts, 'clock' | 'policy'>,
  transaction: Transaction,
  { principal, actionId, endpointIds, reason }: ConfirmAction,
): Promise<readonly Task[]> {
  const now = clock.now();
  const action = await transaction.actions.byId(actionId);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${actionId}.`, { details: { what: 'action' } });
  }
  const all = await transaction.tasks.standingOf(actionId);
  for (const permission of new Set(all.flatMap(({ parameters }) => permissionsFor(parameters)))) {
    demandPermission(principal, permission);
  }
  const asked = endpointIds === undefined ? all : all.filter((task) => endpointIds.includes(task.endpointId));
  const waiting = asked.filter((task) => awaitsConfirmation(task, policy.confirmAfter, now));
  const ids = new Set(
    await transaction.tasks.confirm(
      waiting.map(({ id }) => id),
      now,
    ),
  );
  const confirmed = waiting.filter(({ id }) => ids.has(id));
  if (confirmed.length === 0) {
    const where = endpointIds === undefined ? '' : ' on these endpoints';
    throw new Fault('conflict', `Nothing of action ${actionId} waits for a confirmation${where}.`);
  }
  const { kind, id, name } = principal;
  const facts = { ...toldTargets(confirmed), verb: action.verb, reason: reason?.toWellFormed() ?? null };
  await transaction.events.append([{ type: 'action_confirmed', at: now, actor: { kind, id, name }, actionId, facts }]);
  return confirmed;
}
