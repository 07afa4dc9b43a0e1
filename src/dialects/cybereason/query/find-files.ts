import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { FileRecord, FileState } from '#core/file/file.ts';
import { endpointNumberOf, type Guid } from '#core/file/guid.ts';
import { hashesOf, isInForce } from '#core/list/judge.ts';
import type { ListKind } from '#core/list/listed-hash.ts';
import type { FileCondition } from '#core/ports/store/files.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Element } from './element.ts';
import { passesAll } from './element-filter.ts';
import { type SplitFilters, splitFilters, stricter } from './file-conditions.ts';
import { fileElement } from './file-element.ts';
import { filesOfIncidents } from './incident-facts.ts';
import { type Finder, type Search, type SearchEnd, type Sought, targetsOf } from './search.ts';

/** What a file that is gone could still be fetched for is nothing. */
const states: readonly FileState[] = ['present', 'quarantined'];
const pageSize = 1_000;
/** Files that one query looks at one by one; bounds what a filter that the store cannot decide may cost. */
const mostInspected = 100_000;

/** Searches files page by page, in one snapshot, holding one page at a time. */
export const findFiles: Finder = async (search, sought, take) => {
  const { conditions, residual } = splitFilters(sought.filters);
  const restricted = [...conditions, ...guidConditions(sought), ...(await machineConditions(search, sought))];
  const pass: Pass = { search, residual, take, endpoints: new Map(), seen: new Set(), taken: 0 };
  return findMatching(restricted, pass);
};

async function findMatching(conditions: readonly FileCondition[], pass: Pass): Promise<SearchEnd> {
  const { reader } = pass.search;
  const decided = pass.residual.length === 0;
  for (const tightened of stricter(conditions)) {
    if ((await searchPages(tightened, pass)).stopped) {
      return { total: decided ? await count(reader, conditions) : pass.taken, terminated: false };
    }
  }
  const { total, inspectedAll, stopped } = await searchPages(conditions, pass);
  return { total: decided ? total : pass.taken, terminated: !inspectedAll && !stopped };
}

function guidConditions({ guids }: Sought): readonly FileCondition[] {
  return guids === undefined ? [] : [{ field: 'guid', operator: 'equals', values: [...guids] }];
}

async function machineConditions({ reader }: Search, sought: Sought): Promise<readonly FileCondition[]> {
  const machines = targetsOf(sought, 'ownerMachine');
  return machines === undefined
    ? []
    : [{ field: 'endpointId', operator: 'equals', values: await endpointIdsOf(reader, machines) }];
}

/** The endpoints of whose GUIDs these are: machines, or anything on them. */
export async function endpointIdsOf(
  { endpoints }: Pick<Reader, 'endpoints'>,
  guids: Iterable<Guid>,
): Promise<readonly EndpointId[]> {
  const numbers = new Set([...guids].map(endpointNumberOf).filter((number) => number !== undefined));
  return (await endpoints.byNumbers([...numbers])).map(({ id }) => id);
}

interface Pass extends Pick<SplitFilters, 'residual'> {
  readonly search: Search;
  readonly take: (element: Element) => boolean;
  readonly endpoints: Map<EndpointId, Endpoint>;
  readonly seen: Set<string>;
  taken: number;
}

interface PassEnd {
  readonly total: number;
  readonly inspectedAll: boolean;
  readonly stopped: boolean;
}

async function searchPages(conditions: readonly FileCondition[], pass: Pass): Promise<PassEnd> {
  const { reader } = pass.search;
  let total = 0;
  for (let offset = 0; offset < mostInspected; offset += pageSize) {
    const listing = await reader.files.list({ conditions, states }, { offset, limit: pageSize });
    total = listing.total;
    if (!(await inspectPage(listing.items, pass))) {
      return { total, inspectedAll: false, stopped: true };
    }
    if (offset + pageSize >= total) {
      return { total, inspectedAll: true, stopped: false };
    }
  }
  return { total, inspectedAll: false, stopped: false };
}

/** @returns false when the taker has enough. */
async function inspectPage(files: readonly FileRecord[], pass: Pass): Promise<boolean> {
  const { reader, now } = pass.search;
  const fresh = files.filter(({ guid }) => !pass.seen.has(guid));
  if (fresh.length === 0) {
    return true;
  }
  await addEndpoints(reader, fresh, pass.endpoints);
  const named = await filesOfIncidents(
    reader,
    fresh.map(({ guid }) => guid),
  );
  const lists = await listsOf(pass.search, fresh);
  return fresh.every((file) => {
    const endpoint = pass.endpoints.get(file.endpointId);
    const context = { endpoint, list: lists(file), hasMalops: named.has(file.guid) };
    const element = fileElement(file, context, now);
    if (!passesAll(element, pass.residual)) {
      return true;
    }
    pass.seen.add(file.guid);
    pass.taken += 1;
    return pass.take(element);
  });
}

/** On which list each file is by one of its hashes; allowed wins, as it does when files appear. */
async function listsOf(
  { reader, now }: Search,
  files: readonly FileRecord[],
): Promise<(file: FileRecord) => ListKind | undefined> {
  const entries = await reader.hashLists.byHashes([...new Set(files.flatMap(hashesOf))]);
  const lists = new Map(entries.filter((entry) => isInForce(entry, now)).map(({ hash, list }) => [hash, list]));
  return (file) => {
    const kinds = hashesOf(file).map((hash) => lists.get(hash));
    return kinds.includes('allow') ? 'allow' : kinds.find((kind) => kind !== undefined);
  };
}

async function addEndpoints(
  reader: Pick<Reader, 'endpoints'>,
  files: readonly FileRecord[],
  endpoints: Map<EndpointId, Endpoint>,
): Promise<void> {
  const missing = new Set(files.map((file) => file.endpointId).filter((id) => !endpoints.has(id)));
  for (const endpoint of missing.size === 0 ? [] : await reader.endpoints.byIds([...missing])) {
    endpoints.set(endpoint.id, endpoint);
  }
}

async function count(reader: Pick<Reader, 'files'>, conditions: readonly FileCondition[]): Promise<number> {
  return (await reader.files.list({ conditions, states }, { offset: 0, limit: 0 })).total;
}
