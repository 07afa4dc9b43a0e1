import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import { takeFitting, whole } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointIdsOf } from './find-files.ts';
import { quarantineFileElement } from './quarantine-file-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 100_000;

/** What the vaults hold, newest first. */
export const findQuarantineFiles: Finder = async (search, sought, taker) => {
  const records = await held(search, sought);
  const owners = await search.reader.endpoints.byIds([...new Set(records.map((record) => record.endpointId))]);
  const endpoints = new Map(owners.map((endpoint) => [endpoint.id, endpoint]));
  const elements = records.map((record) => quarantineFileElement(record, endpoints.get(record.endpointId), search.now));
  return takeFitting(whole(elements), sought, taker);
};

async function held({ reader }: Search, sought: Sought): Promise<readonly QuarantineRecord[]> {
  const guids = sought.guids ?? targetsOf(sought, 'quarantineFile');
  if (guids !== undefined) {
    return reader.quarantine.heldByGuids([...guids]);
  }
  const machines = targetsOf(sought, 'ownerMachine');
  const filter = machines === undefined ? {} : { endpointIds: await endpointIdsOf(reader, machines) };
  return everyPage('files in vaults', mostInspected, (page) =>
    reader.quarantine.list({ ...filter, states: ['held'] }, page),
  );
}
