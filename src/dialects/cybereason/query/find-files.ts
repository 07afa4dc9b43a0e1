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
import { type Phase, phasesOf, type SplitFilters, splitFilters } from './file-conditions.ts';
import { fileElement } from './file-element.ts';
import { endpointsOfIncidents, filesOfAllIncidents, filesOfIncidents } from './incident-facts.ts';
import { passes } from './operators.ts';
import type { QueryFilter } from './query-request.ts';
import type { Finder, Search, SearchEnd, Sought, Taker } from './search.ts';

/** What a file that is gone could still be fetched for is nothing. */
const shownStates: readonly FileState[] = ['present', 'quarantined'];
const listSize = 1_000;
const scanSize = 5_000;
/** Files that one query looks at one by one; bounds what a filter that the store cannot decide may cost. */
const mostInspected = 100_000;

/** As many files as open incidents may name for them to be looked for one by one. */
const mostNamed = 10_000;

/** Searches files page by page, in one snapshot, holding one page at a time. */
export const findFiles: Finder = async (search, sought, taker) => {
  const { residual, restricted, states } = await restrictionsOf(search, sought);
  const pass: Pass = { search, residual, states, taker, owners: new Map(), passed: 0, isFull: false };
  const phases = phasesOf(restricted);
  return residual.length === 0 ? listPhases(phases, pass) : scanPhases(phases, pass);
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

/** Where the store decides which files there are and in which order, what is passed over need not be read. */
async function listPhases(phases: readonly Phase[], pass: Pass): Promise<SearchEnd> {
  let total = 0;
  for (const phase of phases) {
    total += await listPhase({ ...phase, states: pass.states }, Math.max(0, pass.taker.skip - total), pass);
  }
  return { total, terminated: false };
}

/** @returns how many there are. */
async function listPhase(filter: FileFilter, start: number, pass: Pass): Promise<number> {
  for (let offset = start; ; offset += listSize) {
    const limit = pass.isFull ? 0 : listSize;
    const { items, total } = await pass.search.reader.files.list(filter, { offset, limit });
    await handOver(items, pass);
    if (pass.isFull || offset + listSize >= total) {
      return total;
    }
  }
}

/** Where files have to be looked at one by one, to the end if they are counted. */
async function scanPhases(phases: readonly Phase[], pass: Pass): Promise<SearchEnd> {
  let left = mostInspected;
  for (const phase of phases) {
    left = await scanPhase({ ...phase, states: pass.states }, left, pass);
    if (left <= 0) {
      return { total: pass.passed, terminated: true };
    }
  }
  return { total: pass.passed, terminated: false };
}

/** @returns how many more may be looked at; none when it stopped before the end. */
async function scanPhase(filter: FileFilter, most: number, pass: Pass): Promise<number> {
  let [after, left]: [Guid | undefined, number] = [undefined, most];
  while (left > 0) {
    const limit = Math.min(left, scanSize);
    const files = await pass.search.reader.files.scan(filter, { after, limit });
    left -= files.length;
    after = files.at(-1)?.guid;
    await inspect(files, pass);
    if (pass.isFull && !pass.taker.counted) {
      return 0;
    }
    if (files.length < limit) {
      return left;
    }
  }
  return 0;
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
  readonly owners: Map<EndpointId, FileOwner>;
  /** How many files were found by looking at them, handed over or passed over. */
  passed: number;
  /** Whether the taker has enough. */
  isFull: boolean;
}

interface FileOwner {
  readonly endpoint: Endpoint;
  readonly hasMalops: boolean;
}

async function handOver(files: readonly FileRecord[], pass: Pass): Promise<void> {
  const elements = files.length === 0 ? [] : await elementsOf(files, pass, pass.taker.bare);
  pass.isFull ||= !elements.every(pass.taker.take);
}

/** What only lists and incidents say of a file is read for those alone that are handed over, unless a filter is about it. */
async function inspect(files: readonly FileRecord[], pass: Pass): Promise<void> {
  const { residual, taker } = pass;
  const late = residual.filter(({ facetName }) => lateFeatures.has(facetName));
  const early = residual.filter(({ facetName }) => !lateFeatures.has(facetName));
  const likely = fitting(files, await elementsOf(files, pass, true), early);
  const fits = late.length === 0 ? likely : fitting(likely, await elementsOf(likely, pass, false), late);
  const wanted = pass.isFull ? [] : fits.slice(Math.max(0, taker.skip - pass.passed));
  pass.passed += fits.length;
  for (let start = 0; start < wanted.length && !pass.isFull; start += listSize) {
    await handOver(wanted.slice(start, start + listSize), pass);
  }
}

const lateFeatures: ReadonlySet<string> = new Set([
  'hasMalops',
  'maliciousClassificationType',
  'ownerMachine.hasMalops',
  'quarantineFile',
]);

function fitting(
  files: readonly FileRecord[],
  elements: readonly Element[],
  filters: readonly QueryFilter[],
): readonly FileRecord[] {
  return files.filter((_, index) => {
    const element = elements[index];
    return element !== undefined && passesAll(element, filters);
  });
}

/** One for each file, without what lists and incidents say of it where that is left out. */
async function elementsOf(files: readonly FileRecord[], pass: Pass, isBare: boolean): Promise<readonly Element[]> {
  const { search, owners } = pass;
  const guids = files.map(({ guid }) => guid);
  await addOwners(search.reader, files, owners);
  const named = isBare ? new Set<Guid>() : await filesOfIncidents(search.reader, guids);
  const lists = isBare ? () => undefined : await listsOf(search, files);
  const held = isBare ? () => [] : await heldOf(search.reader, files);
  return files.map((file) => {
    const owner = owners.get(file.endpointId);
    const [hasMalops, machineHasMalops] = [named.has(file.guid), owner?.hasMalops ?? false];
    const known = { list: lists(file), hasMalops, machineHasMalops, held: held(file) };
    return fileElement(file, { endpoint: owner?.endpoint, ...known }, search.now);
  });
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
