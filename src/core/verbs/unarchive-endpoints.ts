import type { FleetAction } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import type { ArchiveEndpoints } from './archive-endpoints.ts';
import { recordFleetAction } from './record-fleet-action.ts';

/** Has archived endpoints listed again. */
export async function unarchiveEndpoints(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  { request, endpointIds, reason }: ArchiveEndpoints,
): Promise<FleetAction> {
  const at = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const changed = new Set(await transaction.endpoints.unarchive(endpointIds, reason));
    const rows = endpointIds.map((endpointId) => ({
      endpointId,
      done: true,
      message: changed.has(endpointId) ? '' : 'It was not archived.',
    }));
    const action = await recordFleetAction(ports, transaction, { request, work: { kind: 'unarchive', rows } });
    const facts = { reason, batchNumber: action.batchNumber };
    await transaction.events.append(
      [...changed].map((endpointId) => ({
        type: 'endpoint_unarchived',
        at,
        actor: action.principal,
        endpointId,
        facts,
      })),
    );
    return action;
  });
}
