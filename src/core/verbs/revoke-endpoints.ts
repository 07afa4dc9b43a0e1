import type { Principal } from '../access/principal.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { endFiles } from './end-files.ts';

export interface RevokeEndpoints {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly endpointIds: readonly EndpointId[];
  readonly reason: string;
}

export interface Revoked {
  readonly revoked: readonly EndpointId[];
  /** Endpoints whose vaults hold files, and how many: nobody could order those back any more. */
  readonly holding: ReadonlyMap<EndpointId, number>;
}

/**
 * Removes endpoints for good: their agents are refused from now on, and what was ordered of them is withdrawn. An endpoint whose
 * vault holds files is left: they must be restored or purged first.
 */
export async function revokeEndpoints(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  request: RevokeEndpoints,
): Promise<Revoked> {
  const done = await ports.store.transact((transaction) => revokeIn(transaction, request, ports.clock.now()));
  ports.doorbell.ring(done.revoked);
  return done;
}

/** Within the caller's transaction. */
export async function revokeIn(
  transaction: Transaction,
  { by, endpointIds, reason }: RevokeEndpoints,
  now: number,
): Promise<Revoked> {
  const { endpoints, quarantine, events } = transaction;
  const held = await quarantine.list({ endpointIds, states: ['held'] }, { offset: 0, limit: 10_000 });
  const grouped = Map.groupBy(held.items, ({ endpointId }) => endpointId);
  const holding = new Map([...grouped].map(([id, records]) => [id, records.length]));
  const wanted = held.total > held.items.length ? [] : endpointIds.filter((id) => !holding.has(id));
  const revoked = await endpoints.revoke(wanted, now);
  await withdrawTasks(transaction, revoked, now);
  await events.append(
    revoked.map((endpointId) => ({ type: 'endpoint_revoked', at: now, actor: by, endpointId, facts: { reason } })),
  );
  return { revoked, holding };
}

async function withdrawTasks(
  { tasks, outcomes }: Transaction,
  endpointIds: readonly EndpointId[],
  now: number,
): Promise<void> {
  const open = await tasks.deliverable(endpointIds, now);
  const ids = open.map(({ id }) => id);
  await tasks.transition(ids, 'cancel', { endedAt: now });
  // An agent that is refused can report no more.
  await tasks.transition(ids, 'expire', { endedAt: now });
  const end = { outcome: 'cancelled', reason: 'withdrawn', message: 'The endpoint was removed.', at: now } as const;
  await outcomes.put(open.flatMap((task) => endFiles(task, end)));
}
