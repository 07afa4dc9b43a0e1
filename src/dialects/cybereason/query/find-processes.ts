import { fileGuid, type Guid } from '#core/file/guid.ts';
import type { ProcessObservation } from '#core/incident/incident.ts';
import type { ObservationFilter } from '#core/ports/store/incidents.ts';
import type { Element } from './element.ts';
import { takeFitting } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointIdsOf } from './find-files.ts';
import { openAmong } from './incident-facts.ts';
import { processElement } from './process-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 10_000;

/** The programs that incidents name, each once however many do. */
export const findProcesses: Finder = async (search, sought, take) => {
  const filter = await narrowed(search, sought);
  const observed = await everyPage('processes', mostInspected, (page) =>
    search.reader.incidents.processes(filter, page),
  );
  return takeFitting(await processElements(search, observed), sought, take);
};

async function narrowed({ reader }: Search, sought: Sought): Promise<ObservationFilter> {
  const near = targetsOf(sought, 'ownerMachine') ?? targetsOf(sought, 'imageFile');
  return {
    ...(sought.guids !== undefined && { guids: [...sought.guids] }),
    ...(near !== undefined && { endpointIds: await endpointIdsOf(reader, near) }),
  };
}

async function processElements(
  { reader, now }: Search,
  observed: readonly ProcessObservation[],
): Promise<readonly Element[]> {
  const endpoints = new Map(
    (await reader.endpoints.byIds([...new Set(observed.map(({ endpointId }) => endpointId))])).map((each) => [
      each.id,
      each,
    ]),
  );
  const imageOf = ({ endpointId, path }: ProcessObservation): Guid | undefined => {
    const endpoint = endpoints.get(endpointId);
    return endpoint === undefined ? undefined : fileGuid(endpoint.number, path);
  };
  const guids = [...new Set(observed.map(imageOf))].filter((guid) => guid !== undefined);
  const images = new Map((await reader.files.byGuids(guids)).map((file) => [file.guid, file]));
  const open = await openAmong(
    reader,
    observed.map(({ incidentId }) => incidentId),
  );
  return [...Map.groupBy(observed, ({ guid }) => guid).values()].flatMap(([process, ...others]) => {
    const endpoint = process === undefined ? undefined : endpoints.get(process.endpointId);
    if (process === undefined || endpoint === undefined) {
      return [];
    }
    const hasMalops = [process, ...others].some(({ incidentId }) => open.has(incidentId));
    const image = images.get(fileGuid(endpoint.number, process.path));
    return [processElement(process, { endpoint, image, hasMalops }, now)];
  });
}
