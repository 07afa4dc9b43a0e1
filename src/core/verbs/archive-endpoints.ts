import type { Principal } from '../access/principal.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';

export interface ArchiveEndpoints {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly endpointIds: readonly EndpointId[];
  /** False brings them back. */
  readonly archived: boolean;
  readonly reason: string;
}

/** Puts endpoints aside, or brings them back. It is a mark for people: an archived endpoint's agent works on. */
export async function archiveEndpoints(
  ports: Pick<Ports, 'store' | 'clock'>,
  request: ArchiveEndpoints,
): Promise<readonly EndpointId[]> {
  return ports.store.transact((transaction) => archiveIn(transaction, request, ports.clock.now()));
}

/** Within the caller's transaction. @returns those whose mark has changed. */
export async function archiveIn(
  { endpoints, events }: Transaction,
  { by, endpointIds, archived, reason }: ArchiveEndpoints,
  now: number,
): Promise<readonly EndpointId[]> {
  const changed = await endpoints.setArchived(endpointIds, archived ? now : null, reason);
  const type = archived ? 'endpoint_archived' : 'endpoint_unarchived';
  await events.append(changed.map((endpointId) => ({ type, at: now, actor: by, endpointId, facts: { reason } })));
  return changed;
}
