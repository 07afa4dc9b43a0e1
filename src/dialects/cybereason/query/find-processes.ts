import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { fileGuid, type Guid } from '#core/file/guid.ts';
import type { ProcessObservation } from '#core/incident/incident.ts';
import type { ObservationFilter } from '#core/ports/store/incidents.ts';
import type { Element } from './element.ts';
import { type Candidates, takeFitting } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointIdsOf, listsOf } from './find-files.ts';
import { endpointsOfIncidents, filesOfIncidents, openAmong } from './incident-facts.ts';
import { machineElement } from './machine-element.ts';
import { processElement } from './process-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 100_000;

const lateFeatures: ReadonlySet<string> = new Set(['hasMalops', 'imageFileHash', 'ownerMachine.hasMalops']);

/** A program that incidents name, with everything that any of them observed of it. */
interface Seen {
  readonly process: ProcessObservation;
  readonly endpoint: Endpoint;
  readonly incidentIds: readonly ProcessObservation['incidentId'][];
}

/** The programs that incidents name, each once however many do. */
export const findProcesses: Finder = async (search, sought, taker) => {
  const filter = await narrowed(search, sought);
  const observed = await everyPage('processes', mostInspected, (page) =>
    search.reader.incidents.processes(filter, page),
  );
  const seen = await seenOf(search, observed);
  const machines = new Map<EndpointId, Element>();
  const elements = [...seen.values()].map(({ process, endpoint }) => {
    const machine = machines.get(endpoint.id) ?? machineElement(endpoint, search.now);
    machines.set(endpoint.id, machine);
    return processElement(process, { endpoint, machine });
  });
  const candidates: Candidates = {
    elements,
    isLate: (feature) => lateFeatures.has(feature) || feature.startsWith('imageFile.'),
    complete: (batch) =>
      completed(
        search,
        batch.flatMap(({ guid }) => seen.get(guid) ?? []),
      ),
  };
  return takeFitting(candidates, sought, taker);
};

async function narrowed({ reader }: Search, sought: Sought): Promise<ObservationFilter> {
  const near = targetsOf(sought, 'ownerMachine') ?? targetsOf(sought, 'imageFile');
  return {
    ...(sought.guids !== undefined && { guids: [...sought.guids] }),
    ...(near !== undefined && { endpointIds: await endpointIdsOf(reader, near) }),
  };
}

async function seenOf({ reader }: Search, observed: readonly ProcessObservation[]): Promise<ReadonlyMap<Guid, Seen>> {
  const found = await reader.endpoints.byIds([...new Set(observed.map(({ endpointId }) => endpointId))]);
  const endpoints = new Map(found.map((endpoint) => [endpoint.id, endpoint]));
  const each = [...Map.groupBy(observed, ({ guid }) => guid)].flatMap(([guid, observations]) => {
    const process = told(observations);
    const endpoint = process && endpoints.get(process.endpointId);
    const incidentIds = observations.map(({ incidentId }) => incidentId);
    return process === undefined || endpoint === undefined ? [] : [[guid, { process, endpoint, incidentIds }] as const];
  });
  return new Map(each);
}

/** What one incident leaves open another may tell. */
function told(observations: readonly ProcessObservation[]): ProcessObservation | undefined {
  const [first] = observations;
  const firstOf = <Key extends keyof ProcessObservation>(key: Key) =>
    observations.find((observation) => observation[key] !== null)?.[key] ?? null;
  return (
    first && {
      ...first,
      sha256: firstOf('sha256'),
      commandLine: firstOf('commandLine'),
      userName: firstOf('userName'),
      endedAt: firstOf('endedAt'),
    }
  );
}

async function completed(search: Search, batch: readonly Seen[]): Promise<readonly Element[]> {
  const { reader, now } = search;
  const guids = [...new Set(batch.map(imageOf))];
  const images = new Map((await reader.files.byGuids(guids)).map((file) => [file.guid, file]));
  const list = await listsOf(search, [...images.values()]);
  const open = await openAmong(
    reader,
    batch.flatMap(({ incidentIds }) => incidentIds),
  );
  const namedFiles = await filesOfIncidents(reader, guids);
  const namedEndpoints = await endpointsOfIncidents(reader, [...new Set(batch.map(({ endpoint }) => endpoint.id))]);
  return batch.map((seen) => {
    const { process, endpoint, incidentIds } = seen;
    const image = images.get(imageOf(seen));
    const context = { hasMalops: namedEndpoints.has(endpoint.id), processes: [] };
    return processElement(process, {
      endpoint,
      machine: machineElement(endpoint, now, context),
      known: {
        image,
        imageList: image && list(image),
        imageHasMalops: namedFiles.has(imageOf(seen)),
        hasMalops: incidentIds.some((id) => open.has(id)),
      },
    });
  });
}

function imageOf({ process, endpoint }: Seen): Guid {
  return fileGuid(endpoint.number, process.path);
}
