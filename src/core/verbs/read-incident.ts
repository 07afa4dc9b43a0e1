import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { FileObservation, Incident, IncidentComment, ProcessObservation } from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { demandIncident } from './resolve-incident.ts';

/** An incident with what was observed of it: the first thousand of each kind. */
export interface WholeIncident {
  readonly incident: Incident;
  readonly endpointIds: readonly EndpointId[];
  readonly files: readonly FileObservation[];
  readonly processes: readonly ProcessObservation[];
  /** Oldest first. */
  readonly comments: readonly IncidentComment[];
}

const page = { offset: 0, limit: 1_000 };

/** Named by its id or GUID. @throws Fault `not_found` */
export function readIncident(ports: Pick<Ports, 'store'>, named: string): Promise<WholeIncident> {
  return ports.store.read(async (reader) => wholeIncident(reader, await demandIncident(reader, named)));
}

/** Within the caller's transaction. */
export async function wholeIncident(
  { incidents }: Pick<Reader, 'incidents'>,
  incident: Incident,
): Promise<WholeIncident> {
  const own = { incidentIds: [incident.id] };
  const endpoints = await incidents.endpointsOf([incident.id]);
  return {
    incident,
    endpointIds: endpoints.get(incident.id) ?? [],
    files: (await incidents.files(own, page)).items,
    processes: (await incidents.processes(own, page)).items,
    comments: await incidents.comments(incident.id),
  };
}
