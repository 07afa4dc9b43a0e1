import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { FileRecord, FileState } from '#core/file/file.ts';
import { endpointNumberOf, type Guid, machineGuid } from '#core/file/guid.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import { hashesOf, isInForce } from '#core/list/judge.ts';
import type { ListKind } from '#core/list/listed-hash.ts';
import type { FileCondition, FileFilter } from '#core/ports/store/files.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Element } from './element.ts';
import { operatorOf, passesAll } from './element-filter.ts';
import { type SplitFilters, splitFilters, stricter } from './file-conditions.ts';
import { fileElement } from './file-element.ts';
import { endpointsOfIncidents, filesOfAllIncidents, filesOfIncidents } from './incident-facts.ts';
import { passes } from './operators.ts';
import type { QueryFilter } from './query-request.ts';
import type { Finder, Search, SearchEnd, Sought, Taker } from './search.ts';

/** What a file that is gone could still be fetched for is nothing. */
const shownStates: readonly FileState[] = ['present', 'quarantined'];
const pageSize = 1_000;
/** Files that one query looks at one by one; bounds what a filter that the store cannot decide may cost. */
const mostInspected = 100_000;

/** As many files as open incidents may name for them to be looked for one by one. */
const mostNamed = 10_000;

/** Searches files page by page, in one snapshot, holding one page at a time. */
export const findFiles: Finder = async (search, sought, taker) => {
  const { residual, restricted, states } = await restrictionsOf(search, sought);
  const progress = { endpoints: new Map(), seen: new Set<string>(), passed: 0, isFull: false };
  return findMatching(restricted, { search, residual, states, taker, ...progress });
};

/**
 * The machines of files, however many those are.
 * @returns undefined where files have to be looked at one by one.
 */
export async function machinesOfFiles(search: Search, sought: Sought): Promise<ReadonlySet<Guid> | undefined> {
  const { residual, restricted, states } = await restrictionsOf(search, sought);
  if (residual.length > 0) {
    return undefined;
  }
  const holders = await search.reader.files.endpointsWith({ conditions: restricted, states });
  return new Set((await search.reader.endpoints.byIds(holders)).map(({ number }) => machineGuid(number)));
}

interface Restrictions extends Pick<SplitFilters, 'residual'> {
  /** What the store decides. */
  readonly restricted: readonly FileCondition[];
  readonly states: readonly FileState[];
}

async function restrictionsOf(search: Search, { filters, guids, linked }: Sought): Promise<Restrictions> {
  const isOfState = ({ facetName }: QueryFilter) => facetName === 'fileIsQuarantined';
  const { conditions, residual } = splitFilters(filters.filter((filter) => !isOfState(filter)));
  const machines = linked.filter(({ feature }) => feature === 'ownerMachine').map(({ targets }) => targets);
  const endpointLists = await Promise.all(machines.map((targets) => endpointIdsOf(search.reader, targets)));
  const named = residual.some(asksForMalops) ? await filesOfAllIncidents(search.reader, mostNamed) : undefined;
  return {
    residual,
    states: shownStates.filter((state) =>
      filters.filter(isOfState).every((filter) => {
        return passes(operatorOf(filter), [String(state === 'quarantined')], filter.values);
      }),
    ),
    restricted: [
      ...conditions,
      ...[guids, named].filter((list) => list !== undefined).map((list) => isOneOf('guid', [...list])),
      ...endpointLists.map((ids) => isOneOf('endpointId', ids)),
    ],
  };
}

function isOneOf(field: FileCondition['field'], values: readonly string[]): FileCondition {
  return { field, operator: 'equals', values };
}

function asksForMalops(filter: QueryFilter): boolean {
  return filter.facetName === 'hasMalops' && !passes(operatorOf(filter), ['false'], filter.values);
}

async function findMatching(conditions: readonly FileCondition[], pass: Pass): Promise<SearchEnd> {
  const { reader } = pass.search;
  const decided = pass.residual.length === 0;
  const stricts = stricter(conditions);
  if (decided && stricts.length === 0) {
    return findDecided(conditions, pass);
  }
  for (const tightened of stricts) {
    if ((await searchPages(tightened, pass)).stopped) {
      return decided
        ? { total: await count(reader, { conditions, states: pass.states }), terminated: false }
        : { total: pass.passed, terminated: true };
    }
  }
  const { total, inspectedAll, stopped } = await searchPages(conditions, pass);
  return { total: decided ? total : pass.passed, terminated: !inspectedAll && !(decided && stopped) };
}

/** Where the store decides which files there are and in which order, what is passed over need not be read. */
async function findDecided(conditions: readonly FileCondition[], pass: Pass): Promise<SearchEnd> {
  const { skip } = pass.taker;
  pass.passed = skip;
  const { total } = await searchPages(conditions, pass, skip);
  return { total, terminated: false };
}

/** The endpoints of whose GUIDs these are: machines, or anything on them. */
export async function endpointIdsOf(
  { endpoints }: Pick<Reader, 'endpoints'>,
  guids: Iterable<Guid>,
): Promise<readonly EndpointId[]> {
  const numbers = new Set([...guids].map(endpointNumberOf).filter((number) => number !== undefined));
  return (await endpoints.byNumbers([...numbers])).map(({ id }) => id);
}

interface Pass extends Pick<Restrictions, 'residual' | 'states'> {
  readonly search: Search;
  readonly taker: Taker;
  readonly endpoints: Map<EndpointId, FileOwner>;
  readonly seen: Set<string>;
  /** How many files were found, handed over or passed over. */
  passed: number;
  /** Whether the taker has enough. */
  isFull: boolean;
}

interface FileOwner {
  readonly endpoint: Endpoint;
  readonly hasMalops: boolean;
}

interface PassEnd {
  readonly total: number;
  readonly inspectedAll: boolean;
  readonly stopped: boolean;
}

async function searchPages(conditions: readonly FileCondition[], pass: Pass, start = 0): Promise<PassEnd> {
  const { reader } = pass.search;
  const { states } = pass;
  let total = 0;
  for (let offset = start; offset < start + mostInspected; offset += pageSize) {
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

/** @returns false when nothing more need be looked at. */
async function inspectPage(files: readonly FileRecord[], pass: Pass): Promise<boolean> {
  const fresh = files.filter(({ guid }) => !pass.seen.has(guid));
  if (fresh.length === 0) {
    return true;
  }
  const { skip, counted, take } = pass.taker;
  const isCounting = counted && pass.residual.length > 0;
  const toElement = await elementsOf(fresh, pass);
  return fresh.every((file) => {
    const element = toElement(file);
    if (!passesAll(element, pass.residual)) {
      return true;
    }
    pass.seen.add(file.guid);
    pass.passed += 1;
    if (pass.passed > skip && !pass.isFull) {
      pass.isFull = !take(element);
    }
    return !pass.isFull || isCounting;
  });
}

async function elementsOf(files: readonly FileRecord[], pass: Pass): Promise<(file: FileRecord) => Element> {
  const { search, endpoints, taker, residual } = pass;
  const isBare = taker.bare && residual.length === 0;
  await addOwners(search.reader, files, endpoints);
  const named = isBare
    ? new Set<Guid>()
    : await filesOfIncidents(
        search.reader,
        files.map(({ guid }) => guid),
      );
  const lists = isBare ? () => undefined : await listsOf(search, files);
  const held = isBare ? () => [] : await heldOf(search.reader, files);
  return (file) => {
    const owner = endpoints.get(file.endpointId);
    const [hasMalops, machineHasMalops] = [named.has(file.guid), owner?.hasMalops ?? false];
    const known = { list: lists(file), hasMalops, machineHasMalops, held: held(file) };
    return fileElement(file, { endpoint: owner?.endpoint, ...known }, search.now);
  };
}

/** What vaults hold of these files: of one that is there again, or is another, nothing. */
async function heldOf(
  { quarantine }: Pick<Reader, 'quarantine'>,
  files: readonly FileRecord[],
): Promise<(file: FileRecord) => readonly QuarantineRecord[]> {
  const taken = files.filter(({ state }) => state === 'quarantined').map(({ guid }) => guid);
  const records = taken.length === 0 ? [] : await quarantine.heldByGuids(taken);
  const held = Map.groupBy(records, ({ fileGuid }) => fileGuid);
  return ({ state, guid, sha256 }) =>
    state === 'quarantined' ? (held.get(guid) ?? []).filter((record) => record.sha256 === sha256) : [];
}

/** On which list each file is by one of its hashes; allowed wins, as it does when files appear. */
export async function listsOf(
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

async function addOwners(
  reader: Pick<Reader, 'endpoints' | 'incidents'>,
  files: readonly FileRecord[],
  owners: Map<EndpointId, FileOwner>,
): Promise<void> {
  const missing = [...new Set(files.map((file) => file.endpointId))].filter((id) => !owners.has(id));
  if (missing.length === 0) {
    return;
  }
  const named = await endpointsOfIncidents(reader, missing);
  for (const endpoint of await reader.endpoints.byIds(missing)) {
    owners.set(endpoint.id, { endpoint, hasMalops: named.has(endpoint.id) });
  }
}

async function count(reader: Pick<Reader, 'files'>, filter: FileFilter): Promise<number> {
  return (await reader.files.list(filter, { offset: 0, limit: 0 })).total;
}
