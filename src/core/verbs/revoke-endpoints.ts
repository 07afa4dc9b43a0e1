import type { Task } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FleetAction } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { endFiles } from './end-files.ts';
import { type FleetRequest, recordFleetAction } from './record-fleet-action.ts';

export interface RevokeEndpoints {
  readonly request: FleetRequest;
  /** Enrolled and not revoked. */
  readonly endpointIds: readonly EndpointId[];
  readonly reason: string;
}

const holds =
  'Its vault holds quarantined files, which nobody could restore any more: restore or purge them first, or archive the endpoint.';

const working =
  'Its agent has an order about quarantined files and has not said how it ended: wait for that, or archive the endpoint.';

/**
 * Removes endpoints for good: their agents are refused from now on, and what was ordered of them ends. What the server knows of
 * them stays. One whose vault holds files, or may hold some, is not removed: those files
 * would be out of reach.
 */
export async function revokeEndpoints(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'doorbell'>,
  { request, endpointIds, reason }: RevokeEndpoints,
): Promise<FleetAction> {
  const at = ports.clock.now();
  const { action, revoked } = await ports.store.transact(async (transaction) => {
    const kept = await mustStay(transaction, endpointIds);
    const free = endpointIds.filter((id) => !kept.has(id));
    const revoking = await transaction.endpoints.revoke(free, at);
    const rows = endpointIds.map((endpointId) => ({
      endpointId,
      done: !kept.has(endpointId),
      message: kept.get(endpointId) ?? '',
    }));
    const recorded = await recordFleetAction(ports, transaction, { request, work: { kind: 'delete', rows } });
    const actor = recorded.principal;
    const facts = { reason, batchNumber: recorded.batchNumber };
    const ended = await endOpenTasks(transaction, revoking, at);
    await transaction.events.append([
      ...revoking.map((endpointId) => ({ type: 'endpoint_revoked' as const, at, actor, endpointId, facts })),
      ...ended.map(({ actionId, endpointId, id }) => ({
        type: 'tasks_cancelled' as const,
        at,
        actor,
        actionId,
        endpointId,
        facts: { taskId: id, why: 'endpoint_revoked' },
      })),
    ]);
    return { action: recorded, revoked: revoking };
  });
  // Whoever holds their connections closes them.
  ports.doorbell.ring(revoked);
  return action;
}

/** Why some are not removed. */
async function mustStay(
  { quarantine, tasks }: Transaction,
  ids: readonly EndpointId[],
): Promise<ReadonlyMap<EndpointId, string>> {
  const atWork = (await tasks.vaultWorkOf(ids)).map((id) => [id, working] as const);
  const holding = (await quarantine.holding(ids)).map((id) => [id, holds] as const);
  return new Map([...atWork, ...holding]);
}

/** Nobody will report of them: what no agent had was not done, of what one had nobody knows. */
async function endOpenTasks(
  { tasks, outcomes }: Transaction,
  revoked: readonly EndpointId[],
  at: Milliseconds,
): Promise<readonly Task[]> {
  const open = await tasks.openOf(revoked);
  const unsent = open.filter(({ state }) => state === 'pending' || state === 'held');
  const sent = open.filter((task) => !unsent.includes(task));
  const ids = (some: readonly Task[]) => some.map(({ id }) => id);
  await tasks.transition(ids(unsent), 'cancel', { endedAt: at });
  await tasks.transition(ids(sent), 'refuse', { endedAt: at });
  const withdrawn = {
    outcome: 'cancelled',
    reason: 'withdrawn',
    message: 'The endpoint was removed before its agent had the order; nothing was done.',
    at,
  } as const;
  const unknown = {
    outcome: 'interrupted',
    reason: 'withdrawn',
    message: 'The endpoint was removed while its agent had the order; whether it was carried out is not known.',
    at,
  } as const;
  await outcomes.put([
    ...unsent.flatMap((task) => endFiles(task, withdrawn)),
    ...sent.flatMap((task) => endFiles(task, unknown)),
  ]);
  return open;
}
