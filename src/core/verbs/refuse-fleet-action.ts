import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FleetAction } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import { type FleetRequest, recordFleetAction } from './record-fleet-action.ts';
import { findIncident } from './resolve-incident.ts';
import { toldEndpoints } from './told-targets.ts';

export interface RefusedRequest extends FleetRequest {
  /** An incident's id or GUID, on whose timeline it stands; kept as given where there is no such incident. */
  readonly incidentId?: string | undefined;
}

/** Writes down that something was asked of endpoints which nothing here can do: it has failed on each. */
export async function refuseFleetAction(
  ports: Pick<Ports, 'store' | 'clock' | 'random'>,
  request: RefusedRequest,
  endpointIds: readonly EndpointId[],
): Promise<FleetAction> {
  const message = `No agent of Custody supports "${request.name}".`;
  const rows = endpointIds.map((endpointId) => ({ endpointId, done: false, message }));
  return ports.store.transact(async (transaction) => {
    const { incidentId: named } = request;
    const incident = named === undefined ? undefined : await findIncident(transaction, named);
    const action = await recordFleetAction(ports, transaction, { request, work: { kind: 'unsupported', rows } });
    await transaction.events.append([
      {
        type: 'fleet_action_refused',
        at: action.createdAt,
        actor: action.principal,
        ...(incident !== undefined && { incidentId: incident.id }),
        facts: {
          ...toldEndpoints(endpointIds),
          name: request.name,
          batchNumber: action.batchNumber,
          ...(named !== undefined && { incidentId: incident?.id ?? named }),
        },
      },
    ]);
    return action;
  });
}
