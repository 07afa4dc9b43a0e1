import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Incident } from '../incident/incident.ts';
import { endpointsNamed, observedFile, observedProcess, type ReportedObservations } from '../incident/observations.ts';
import type { Ports } from '../ports/ports.ts';
import type { OrderTarget } from '../ports/store/endpoints.ts';
import type { Transaction } from '../ports/store/store.ts';
import { demandIncident } from './resolve-incident.ts';

/** Most endpoints, files and processes, each, that one call may add. */
const mostObservations = 1_000;

/**
 * Adds endpoints, files and processes to an incident, named by its id or GUID. What it has already is left, or known better
 * than before.
 * @throws Fault `not_found` for an unknown incident or endpoint, `limit_exceeded` for too many at once
 */
export async function observeIncident(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  request: ReportedObservations & { readonly incident: string },
): Promise<Incident> {
  const now = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const incident = { ...(await demandIncident(transaction, request.incident)), updatedAt: now };
    await addObservations(transaction, incident, request);
    await transaction.incidents.update(incident);
    const { id } = incident;
    const facts = { added: observationCounts(request) };
    await transaction.events.append([{ type: 'incident_changed', at: now, actor: by, incidentId: id, facts }]);
    return incident;
  });
}

/** Within the caller's transaction. @throws Fault `not_found`, `limit_exceeded` */
export async function addObservations(
  { endpoints, incidents }: Transaction,
  { id }: Pick<Incident, 'id'>,
  reported: ReportedObservations,
): Promise<void> {
  const named = await demandEndpoints(endpoints, reported);
  await incidents.addEndpoints(id, [...named.keys()]);
  const on = (endpointId: OrderTarget['id']) => named.get(endpointId) ?? missing(endpointId);
  await incidents.addFiles(reported.files.map((file) => observedFile(id, file, on(file.endpointId))));
  await incidents.addProcesses(reported.processes.map((each) => observedProcess(id, each, on(each.endpointId))));
}

export function observationCounts({ endpointIds, files, processes }: ReportedObservations) {
  return { endpoints: endpointIds.length, files: files.length, processes: processes.length };
}

async function demandEndpoints(
  endpoints: Transaction['endpoints'],
  reported: ReportedObservations,
): Promise<ReadonlyMap<OrderTarget['id'], OrderTarget>> {
  const counts = Object.values(observationCounts(reported));
  if (counts.some((count) => count > mostObservations)) {
    throw new Fault(
      'limit_exceeded',
      `One call adds at most ${mostObservations} endpoints, files and processes each: add the others by further calls.`,
      { details: { limit: mostObservations } },
    );
  }
  const asked = endpointsNamed(reported);
  const found = new Map((await endpoints.targetsAmong(asked)).map((target) => [target.id, target]));
  const unknown = asked.find((id) => !found.has(id));
  return unknown === undefined ? new Map(asked.map((id) => [id, found.get(id) ?? missing(id)])) : missing(unknown);
}

function missing(endpointId: OrderTarget['id']): never {
  throw new Fault('not_found', `There is no endpoint ${endpointId}.`, { details: { what: 'endpoint' } });
}
