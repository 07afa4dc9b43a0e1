import { Fault } from '#core/fault.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Element } from './element.ts';
import { passesAll, passesExactly } from './element-filter.ts';
import { quarantineFileElement } from './quarantine-file-element.ts';
import type { QueryElement } from './query-request.ts';

/** Each is looked at one by one. */
const mostInspected = 10_000;

/**
 * What the vaults hold, exact matches first.
 * @throws Fault `limit_exceeded` where they hold too many to be searched without GUIDs.
 */
export async function findQuarantineFiles(
  reader: Pick<Reader, 'quarantine' | 'endpoints'>,
  { guids, filters }: QueryElement,
  now: Milliseconds,
): Promise<readonly Element[]> {
  const records = guids === undefined ? await everyHeld(reader) : await reader.quarantine.heldByGuids(guids);
  const named = guids === undefined ? records : records.filter((record) => guids.includes(record.guid));
  const owners = await reader.endpoints.byIds([...new Set(named.map((record) => record.endpointId))]);
  const endpoints = new Map(owners.map((endpoint) => [endpoint.id, endpoint]));
  const found = named
    .map((record) => quarantineFileElement(record, endpoints.get(record.endpointId), now))
    .filter((element) => passesAll(element, filters));
  const exact = found.filter((element) => passesExactly(element, filters));
  return [...exact, ...found.filter((element) => !exact.includes(element))];
}

async function everyHeld({ quarantine }: Pick<Reader, 'quarantine'>): Promise<readonly QuarantineRecord[]> {
  const { items, total } = await quarantine.list({ states: ['held'] }, { offset: 0, limit: mostInspected });
  if (total > mostInspected) {
    throw new Fault('limit_exceeded', `The vaults hold more than ${mostInspected} files: name some by guidList.`);
  }
  return items;
}
