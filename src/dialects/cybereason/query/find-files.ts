import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { FileRecord, FileState } from '#core/file/file.ts';
import type { FileCondition } from '#core/ports/store/files.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Element } from './element.ts';
import { passesAll } from './element-filter.ts';
import { type SplitFilters, stricter } from './file-conditions.ts';
import { fileElement } from './file-element.ts';

export interface FileSearch extends SplitFilters {
  readonly now: Milliseconds;
  /** Gets each file once, exact matches first; false ends the search. */
  take(element: Element, file: FileRecord): boolean;
}

export interface SearchEnd {
  /** How many files there are that match, so far as it was counted. */
  readonly total: number;
  /** Whether the search gave up before it had looked at every file. */
  readonly terminated: boolean;
}

/** What a file that is gone could still be fetched for is nothing. */
const states: readonly FileState[] = ['present', 'quarantined'];
const pageSize = 1_000;
/** Files that one query looks at one by one; bounds what a filter that the store cannot decide may cost. */
const mostInspected = 100_000;

/** Searches files page by page, in one snapshot, holding one page at a time. */
export async function findFiles(reader: Pick<Reader, 'files' | 'endpoints'>, search: FileSearch): Promise<SearchEnd> {
  const pass: Pass = { search, endpoints: new Map(), seen: new Set(), taken: 0 };
  const decided = search.residual.length === 0;
  for (const conditions of stricter(search.conditions)) {
    if ((await searchPages(reader, conditions, pass)).stopped) {
      return { total: decided ? await count(reader, search.conditions) : pass.taken, terminated: false };
    }
  }
  const { total, inspectedAll, stopped } = await searchPages(reader, search.conditions, pass);
  return { total: decided ? total : pass.taken, terminated: !inspectedAll && !stopped };
}

interface Pass {
  readonly search: FileSearch;
  readonly endpoints: Map<EndpointId, Endpoint>;
  readonly seen: Set<string>;
  taken: number;
}

interface PassEnd {
  readonly total: number;
  readonly inspectedAll: boolean;
  readonly stopped: boolean;
}

async function searchPages(
  reader: Pick<Reader, 'files' | 'endpoints'>,
  conditions: readonly FileCondition[],
  pass: Pass,
): Promise<PassEnd> {
  let total = 0;
  for (let offset = 0; offset < mostInspected; offset += pageSize) {
    const listing = await reader.files.list({ conditions, states }, { offset, limit: pageSize });
    total = listing.total;
    await addEndpoints(reader, listing.items, pass.endpoints);
    if (!listing.items.every((file) => inspect(file, pass))) {
      return { total, inspectedAll: false, stopped: true };
    }
    if (offset + pageSize >= total) {
      return { total, inspectedAll: true, stopped: false };
    }
  }
  return { total, inspectedAll: false, stopped: false };
}

/** @returns false when the taker has enough. */
function inspect(file: FileRecord, pass: Pass): boolean {
  const { search, seen } = pass;
  if (seen.has(file.guid)) {
    return true;
  }
  const element = fileElement(file, pass.endpoints.get(file.endpointId), search.now);
  if (!passesAll(element, search.residual)) {
    return true;
  }
  seen.add(file.guid);
  pass.taken += 1;
  return search.take(element, file);
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
