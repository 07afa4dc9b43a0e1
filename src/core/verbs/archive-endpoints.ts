import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FleetAction } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import { type FleetRequest, recordFleetAction } from './record-fleet-action.ts';

export interface ArchiveEndpoints {
  readonly request: FleetRequest;
  /** Enrolled and not revoked. */
  readonly endpointIds: readonly EndpointId[];
  readonly reason: string;
}

/**
 * Puts endpoints aside: they are left out where endpoints are listed without being named. Nothing else changes, orders reach
 * them as before, and one whose agent connects again comes back by itself, so that no machine which works is ever hidden.
 */
export async function archiveEndpoints(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  { request, endpointIds, reason }: ArchiveEndpoints,
): Promise<FleetAction> {
  const at = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const changed = new Set(await transaction.endpoints.archive(endpointIds, at, reason));
    const rows = endpointIds.map((endpointId) => ({
      endpointId,
      done: true,
      message: changed.has(endpointId) ? '' : 'It was archived already.',
    }));
    const action = await recordFleetAction(ports, transaction, { request, work: { kind: 'archive', rows } });
    const facts = { reason, batchNumber: action.batchNumber };
    await transaction.events.append(
      [...changed].map((endpointId) => ({
        type: 'endpoint_archived',
        at,
        actor: action.principal,
        endpointId,
        facts,
      })),
    );
    return action;
  });
}
