import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FleetAction } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import { demandEvidenceStorage } from './demand-evidence-storage.ts';
import { type Origin, openAction } from './open-action.ts';
import { type FleetRequest, recordFleetAction } from './record-fleet-action.ts';

export interface FetchLogs {
  readonly request: FleetRequest;
  readonly dialect: Origin['dialect'];
  readonly reason?: Origin['reason'];
  /** Enrolled and not revoked. */
  readonly endpointIds: readonly EndpointId[];
}

/**
 * Has agents send their own logs, which become evidence like fetched files.
 * @throws Fault `evidence_unavailable` when they would have nowhere to go, `no_target` for no endpoint.
 */
export async function fetchLogs(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  { request, dialect, reason, endpointIds }: FetchLogs,
): Promise<FleetAction> {
  await demandEvidenceStorage(ports);
  const origin = { principal: request.principal, dialect, reason };
  const targets = endpointIds.map((endpointId) => ({ endpointId, parameters: { verb: 'logs' } as const }));
  const recorded = await ports.store.transact(async (transaction) => {
    const action = await openAction(ports, transaction, { origin, targets });
    return recordFleetAction(ports, transaction, { request, work: { kind: 'logs', action } });
  });
  ports.doorbell.ring(endpointIds);
  return recorded;
}
