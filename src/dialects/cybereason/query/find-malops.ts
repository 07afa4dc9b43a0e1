import type { Guid } from '#core/file/guid.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { IncidentFilter } from '#core/ports/store/incidents.ts';
import type { Element } from './element.ts';
import { takeFitting } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointIdsOf } from './find-files.ts';
import { malopElement } from './malop-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 10_000;
const mostObservations = 10_000;

/** Incidents, newest first. */
export const findMalops: Finder = async (search, sought, take) => {
  const filter = await narrowed(search, sought);
  const incidents = await everyPage('MalOps', mostInspected, (page) => search.reader.incidents.list(filter, page));
  return takeFitting(await malopElements(search, incidents), sought, take);
};

async function narrowed(search: Search, sought: Sought): Promise<IncidentFilter> {
  const suspects = targetsOf(sought, 'suspects');
  const files = targetsOf(sought, 'primaryRootCauseElements');
  const machines = targetsOf(sought, 'affectedMachines');
  const ids =
    suspects === undefined ? files && (await withFiles(search, files)) : await withProcesses(search, suspects);
  return {
    ...(sought.guids !== undefined && { guids: [...sought.guids] }),
    ...(ids !== undefined && { ids }),
    ...(machines !== undefined && { endpointIds: await endpointIdsOf(search.reader, machines) }),
  };
}

async function withProcesses({ reader }: Search, guids: ReadonlySet<Guid>): Promise<readonly IncidentId[]> {
  const found = await everyPage('processes', mostObservations, (page) =>
    reader.incidents.processes({ guids: [...guids] }, page),
  );
  return found.map(({ incidentId }) => incidentId);
}

async function withFiles({ reader }: Search, guids: ReadonlySet<Guid>): Promise<readonly IncidentId[]> {
  const found = await everyPage('files', mostObservations, (page) =>
    reader.incidents.files({ guids: [...guids] }, page),
  );
  return found.map(({ incidentId }) => incidentId);
}

/** With what was observed of each, read for all of them together. */
async function malopElements(
  { reader }: Pick<Search, 'reader'>,
  incidents: readonly Incident[],
): Promise<readonly Element[]> {
  const incidentIds = incidents.map(({ id }) => id);
  const page = { offset: 0, limit: mostObservations };
  const processes = Map.groupBy(
    (await reader.incidents.processes({ incidentIds }, page)).items,
    (each) => each.incidentId,
  );
  const files = Map.groupBy((await reader.incidents.files({ incidentIds }, page)).items, (each) => each.incidentId);
  const named = await reader.incidents.endpointsOf(incidentIds);
  const endpoints = await reader.endpoints.byIds([...new Set([...named.values()].flat())]);
  const machines = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return incidents.map((incident) =>
    malopElement(incident, {
      machines: (named.get(incident.id) ?? []).flatMap((id) => machines.get(id) ?? []),
      files: files.get(incident.id) ?? [],
      processes: processes.get(incident.id) ?? [],
    }),
  );
}
