import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Guid } from '#core/file/guid.ts';
import { type Incident, isResolved } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { Reader } from '#core/ports/store/store.ts';

const page = { offset: 0, limit: 10_000 };

/** Those of these files that an incident which is not resolved names. */
export async function filesOfIncidents(
  { incidents }: Pick<Reader, 'incidents'>,
  guids: readonly Guid[],
): Promise<ReadonlySet<Guid>> {
  const { items } = await incidents.files({ guids }, page);
  const open = await openAmong(
    { incidents },
    items.map(({ incidentId }) => incidentId),
  );
  return new Set(items.filter(({ incidentId }) => open.has(incidentId)).map(({ fileGuid }) => fileGuid));
}

/** Those of these endpoints that an incident which is not resolved names. */
export async function endpointsOfIncidents(
  { incidents }: Pick<Reader, 'incidents'>,
  endpointIds: readonly EndpointId[],
): Promise<ReadonlySet<EndpointId>> {
  const { items } = await incidents.list({ endpointIds }, page);
  const open = items.filter(isOpen).map(({ id }) => id);
  const named = open.length === 0 ? [] : [...(await incidents.endpointsOf(open)).values()].flat();
  return new Set(named);
}

/** Those of these incidents that are not resolved. */
export async function openAmong(
  { incidents }: Pick<Reader, 'incidents'>,
  ids: readonly IncidentId[],
): Promise<ReadonlySet<IncidentId>> {
  if (ids.length === 0) {
    return new Set();
  }
  const { items } = await incidents.list({ ids: [...new Set(ids)] }, page);
  return new Set(items.filter(isOpen).map(({ id }) => id));
}

function isOpen({ status }: Incident): boolean {
  return !isResolved(status);
}
