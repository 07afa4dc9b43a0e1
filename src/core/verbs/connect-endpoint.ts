import type { Endpoint, HostFacts } from '../endpoint/endpoint.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';

const cameBack = 'The agent connected again.';

export interface Connecting {
  readonly endpointId: EndpointId;
  readonly facts: HostFacts;
  readonly vaultRecipient: string;
  readonly connectedUntil: Milliseconds;
  /** The number that its welcome has; null or left out: it keeps none. */
  readonly generation?: number | null;
}

/**
 * Records that an agent has proved itself and is connected. An archived endpoint is not archived any more.
 * @throws Fault `unauthenticated` when the endpoint is unknown or revoked.
 */
export async function connectEndpoint(ports: Pick<Ports, 'store' | 'clock'>, request: Connecting): Promise<Endpoint> {
  const now = ports.clock.now();
  return ports.store.transact((transaction) => connectIn(transaction, request, now));
}

/** As `connectEndpoint`, within a transaction of the caller's. */
export async function connectIn(
  { endpoints, events }: Pick<Transaction, 'endpoints' | 'events'>,
  { endpointId, facts, vaultRecipient, connectedUntil, generation }: Connecting,
  now: Milliseconds,
): Promise<Endpoint> {
  const endpoint = await endpoints.byId(endpointId);
  if (endpoint === undefined || endpoint.revokedAt !== null) {
    throw new Fault('unauthenticated', 'This endpoint is not enrolled here, or was revoked.');
  }
  if (!isAsBefore(endpoint, facts)) {
    await endpoints.updateFacts(endpointId, facts, now);
  }
  if (vaultRecipient !== endpoint.vaultRecipient) {
    await endpoints.updateKeys(endpointId, vaultRecipient);
  }
  await endpoints.markSeen([endpointId], now, connectedUntil);
  const actor = { kind: 'agent', id: endpointId, name: facts.hostName } as const;
  const back = endpoint.archivedAt === null ? {} : { archivedAt: null, archiveReason: cameBack };
  const cameBackEvent = {
    type: 'endpoint_unarchived',
    at: now,
    actor,
    endpointId,
    facts: { reason: cameBack },
  } as const;
  if (endpoint.archivedAt !== null) {
    await endpoints.unarchive([endpointId], cameBack);
  }
  await events.append([
    {
      ...{ type: 'endpoint_connected', at: now, actor, endpointId },
      facts: { agentVersion: facts.agentVersion, ...(typeof generation === 'number' && { generation }) },
    },
    ...(endpoint.archivedAt === null ? [] : [cameBackEvent]),
  ]);
  return { ...endpoint, ...facts, ...back, vaultRecipient, lastSeen: now, connectedUntil };
}

/** As mostly: after a cut a whole fleet comes again, and tells what it had told. */
function isAsBefore(endpoint: Endpoint, facts: HostFacts): boolean {
  // Texts, and lists of texts.
  return Object.entries(facts).every(
    ([name, value]) => JSON.stringify(Reflect.get(endpoint, name)) === JSON.stringify(value),
  );
}
