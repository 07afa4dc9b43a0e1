import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type {
  FileObservation,
  Incident,
  IncidentComment,
  IncidentHold,
  ProcessObservation,
} from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';
import { demandIncident } from './resolve-incident.ts';

/** An incident with what was observed of it: the first of each kind, and how many there are. */
export interface WholeIncident {
  readonly incident: Incident;
  readonly endpointIds: readonly EndpointId[];
  readonly files: readonly FileObservation[];
  readonly filesCount: number;
  readonly processes: readonly ProcessObservation[];
  readonly processesCount: number;
  /** The newest, the oldest of them first. */
  readonly comments: readonly IncidentComment[];
}

const mostOfOne = 1_000;

export interface HeldIncident extends WholeIncident {
  /** Null while it is not on hold. */
  readonly hold: IncidentHold | null;
}

/** Named by its id or GUID. @throws Fault `not_found` */
export function readIncident(ports: Pick<Ports, 'store'>, named: string): Promise<HeldIncident> {
  return ports.store.read(async (reader) => {
    const incident = await demandIncident(reader, named);
    const holds = await reader.incidents.holdsOf([incident.id]);
    return { ...(await wholeIncident(reader, incident)), hold: holds.get(incident.id) ?? null };
  });
}

/** Within the caller's transaction, at most a thousand of each kind. */
async function wholeIncident(reader: Pick<Reader, 'incidents'>, incident: Incident): Promise<WholeIncident> {
  const [whole] = await wholeIncidents(reader, [incident], mostOfOne);
  return (
    whole ?? { incident, endpointIds: [], files: [], filesCount: 0, processes: [], processesCount: 0, comments: [] }
  );
}

/** Several at once, in the same order, with at most `most` of each kind each. Four statements, however many they are. */
export async function wholeIncidents(
  { incidents: reader }: Pick<Reader, 'incidents'>,
  incidents: readonly Incident[],
  most: number,
): Promise<readonly WholeIncident[]> {
  const ids = incidents.map(({ id }) => id);
  const endpoints = await reader.endpointsOf(ids);
  const files = await reader.firstFiles(ids, most);
  const processes = await reader.firstProcesses(ids, most);
  const comments = await reader.lastComments(ids, most);
  return incidents.map((incident) => ({
    incident,
    endpointIds: endpoints.get(incident.id) ?? [],
    files: files.get(incident.id)?.items ?? [],
    filesCount: files.get(incident.id)?.total ?? 0,
    processes: processes.get(incident.id)?.items ?? [],
    processesCount: processes.get(incident.id)?.total ?? 0,
    comments: comments.get(incident.id)?.items ?? [],
  }));
}
