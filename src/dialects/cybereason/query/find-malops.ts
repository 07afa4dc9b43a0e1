import { Fault } from '#core/fault.ts';
import type { Guid } from '#core/file/guid.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { IncidentFilter } from '#core/ports/store/incidents.ts';
import type { Element } from './element.ts';
import { takeFitting, whole } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointIdsOf } from './find-files.ts';
import { factsAsked } from './malop-conditions.ts';
import { malopElement } from './malop-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 10_000;
const mostObservations = 100_000;

/** Incidents, newest first. */
export const findMalops: Finder = async (search, sought, taker) => {
  const filter = await narrowed(search, sought);
  const incidents = await everyPage('MalOps', mostInspected, (page) => search.reader.incidents.list(filter, page));
  return takeFitting(whole(await malopElements(search, incidents)), sought, taker);
};

async function narrowed(search: Search, sought: Sought): Promise<IncidentFilter> {
  const suspects = targetsOf(sought, 'suspects');
  const files = targetsOf(sought, 'primaryRootCauseElements') ?? targetsOf(sought, 'rootCauseElements');
  const machines = targetsOf(sought, 'affectedMachines');
  const ids =
    suspects === undefined ? files && (await withFiles(search, files)) : await withProcesses(search, suspects);
  return {
    ...factsAsked(sought.filters),
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

/** How many incidents are read together. */
const together = 500;
const mostCommentsEach = 10;
const mostCommentCharacters = 32 * 1_024 * 1_024;

/**
 * With all that was observed of each, and its last comments.
 * @throws Fault `limit_exceeded`: a MalOp that is shown without some of its suspects would hide files from whoever goes on from them.
 */
async function malopElements(
  search: Pick<Search, 'reader'>,
  incidents: readonly Incident[],
): Promise<readonly Element[]> {
  const elements: Element[] = [];
  const left = { observations: mostObservations, commentCharacters: mostCommentCharacters };
  for (let start = 0; start < incidents.length; start += together) {
    elements.push(...(await elementsOf(search, incidents.slice(start, start + together), left)));
  }
  return elements;
}

/** How much a search may still read. */
interface Left {
  observations: number;
  commentCharacters: number;
}

async function elementsOf(
  { reader }: Pick<Search, 'reader'>,
  incidents: readonly Incident[],
  left: Left,
): Promise<readonly Element[]> {
  const incidentIds = incidents.map(({ id }) => id);
  const processes = await everyPage('processes of MalOps', left.observations, (page) =>
    reader.incidents.processes({ incidentIds }, page),
  );
  const files = await everyPage('files of MalOps', left.observations - processes.length, (page) =>
    reader.incidents.files({ incidentIds }, page),
  );
  left.observations -= processes.length + files.length;
  const comments = await commentsOf(reader, incidentIds, left);
  const named = await reader.incidents.endpointsOf(incidentIds);
  const endpoints = await reader.endpoints.byIds([...new Set([...named.values()].flat())]);
  const machines = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  const processesOf = Map.groupBy(processes, (each) => each.incidentId);
  const filesOf = Map.groupBy(files, (each) => each.incidentId);
  return incidents.map((incident) =>
    malopElement(incident, {
      machines: (named.get(incident.id) ?? []).flatMap((id) => machines.get(id) ?? []),
      files: filesOf.get(incident.id) ?? [],
      processes: processesOf.get(incident.id) ?? [],
      comments: comments.get(incident.id) ?? { items: [], total: 0 },
    }),
  );
}

async function commentsOf(reader: Search['reader'], ids: readonly IncidentId[], left: Left) {
  const comments = await reader.incidents.lastComments(ids, mostCommentsEach);
  const lengths = [...comments.values()].flatMap(({ items }) => items.map(({ text }) => text.length));
  left.commentCharacters -= lengths.reduce((sum, length) => sum + length, 0);
  if (left.commentCharacters < 0) {
    throw new Fault('limit_exceeded', 'The comments of these MalOps are too long for one answer: narrow the query.');
  }
  return comments;
}
