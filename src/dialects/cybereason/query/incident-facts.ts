import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Guid } from '#core/file/guid.ts';
import { incidentStatuses, isResolved } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { everyPage } from './every-page.ts';

type Incidents = Pick<Reader, 'incidents'>;

/** A file that more incidents name than are read is not said to be named by none: the query is refused. */
const mostInspected = 100_000;

const openStatuses = incidentStatuses.filter((status) => !isResolved(status));

/** Those of these files that an incident which is not resolved names. */
export async function filesOfIncidents({ incidents }: Incidents, guids: readonly Guid[]): Promise<ReadonlySet<Guid>> {
  const named = await everyPage('files of MalOps', mostInspected, (page) => incidents.files({ guids }, page));
  const open = await openAmong(
    { incidents },
    named.map(({ incidentId }) => incidentId),
  );
  return new Set(named.filter(({ incidentId }) => open.has(incidentId)).map(({ fileGuid }) => fileGuid));
}

/**
 * The files that incidents which are not resolved name, whichever they are.
 * @returns undefined when they are too many to look for one by one.
 */
export async function filesOfAllIncidents(
  { incidents }: Incidents,
  most: number,
): Promise<readonly Guid[] | undefined> {
  const open = await incidents.list({ statuses: openStatuses }, { offset: 0, limit: most });
  const incidentIds = open.items.map(({ id }) => id);
  const files = await incidents.files({ incidentIds }, { offset: 0, limit: most });
  return open.total > most || files.total > most
    ? undefined
    : [...new Set(files.items.map(({ fileGuid }) => fileGuid))];
}

/** Those of these endpoints that an incident which is not resolved names. */
export async function endpointsOfIncidents(
  { incidents }: Incidents,
  endpointIds: readonly EndpointId[],
): Promise<ReadonlySet<EndpointId>> {
  const open = await everyPage('MalOps', mostInspected, (page) =>
    incidents.list({ endpointIds, statuses: openStatuses }, page),
  );
  const named =
    open.length === 0
      ? new Map<IncidentId, readonly EndpointId[]>()
      : await incidents.endpointsOf(open.map(({ id }) => id));
  return new Set([...named.values()].flat());
}

/** Those of these incidents that are not resolved. */
export async function openAmong(
  { incidents }: Incidents,
  ids: readonly IncidentId[],
): Promise<ReadonlySet<IncidentId>> {
  if (ids.length === 0) {
    return new Set();
  }
  const open = await everyPage('MalOps', mostInspected, (page) =>
    incidents.list({ ids: [...new Set(ids)], statuses: openStatuses }, page),
  );
  return new Set(open.map(({ id }) => id));
}
