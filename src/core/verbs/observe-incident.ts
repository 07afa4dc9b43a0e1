import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import { fileGuid, type Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Incident } from '../incident/incident.ts';
import {
  endpointsNamed,
  observedFile,
  observedProcess,
  type ReportedFile,
  type ReportedObservations,
} from '../incident/observations.ts';
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

/**
 * Within the caller's transaction. A file that is named without a hash is the one that its agent has reported there: that hash is
 * kept, so that the incident stays about these bytes whatever lies at the path later.
 * @throws Fault `not_found`, `limit_exceeded`
 */
export async function addObservations(
  transaction: Transaction,
  { id }: Pick<Incident, 'id'>,
  reported: ReportedObservations,
): Promise<void> {
  const { incidents } = transaction;
  const named = await demandEndpoints(transaction.endpoints, reported);
  await incidents.addEndpoints(id, [...named.keys()]);
  const on = (endpointId: OrderTarget['id']) => named.get(endpointId) ?? missing(endpointId);
  const guidOf = ({ endpointId, path }: Placed) => fileGuid(on(endpointId).number, path);
  const hashOf = await hashesToKeep(transaction, id, { reported: [...reported.files, ...reported.processes], guidOf });
  const files = reported.files.map((file) => ({ ...file, sha256: hashOf(file) }));
  const processes = reported.processes.map((process) => ({ ...process, sha256: hashOf(process) }));
  await incidents.addFiles(files.map((file) => observedFile(id, file, on(file.endpointId))));
  await incidents.addProcesses(processes.map((each) => observedProcess(id, each, on(each.endpointId))));
}

type Placed = Pick<ReportedFile, 'endpointId' | 'path'>;

interface ToKeep {
  readonly reported: readonly ReportedFile[];
  guidOf(file: Placed): Guid;
}

/** As many of an incident's observations are looked at when it is acted on. */
const page = { offset: 0, limit: 10_000 };

/** The hash to keep of each file: the one that was told; none where the incident has one of the same file; else the agent's. */
async function hashesToKeep(
  { incidents, files }: Transaction,
  id: Incident['id'],
  { reported, guidOf }: ToKeep,
): Promise<(file: ReportedFile) => Sha256 | undefined> {
  const untold = reported.filter(({ sha256 }) => sha256 === undefined);
  if (untold.length === 0) {
    return ({ sha256 }) => sha256;
  }
  const own = { incidentIds: [id], endpointIds: [...new Set(untold.map(({ endpointId }) => endpointId))] };
  const before = [...(await incidents.files(own, page)).items, ...(await incidents.processes(own, page)).items];
  const told = new Set(
    [...before.filter(({ sha256 }) => sha256 !== null), ...reported.filter(({ sha256 }) => sha256 !== undefined)].map(
      guidOf,
    ),
  );
  const asked = [...new Set(untold.map(guidOf))].filter((guid) => !told.has(guid));
  const known = new Map((await files.byGuids(asked)).map(({ guid, sha256 }) => [guid, sha256]));
  return (file) => file.sha256 ?? known.get(guidOf(file));
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
