import type { Sha256 } from '#core/file/hash.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { type Candidates, takeFitting } from './element-filter.ts';
import { everyPage } from './every-page.ts';
import { endpointIdsOf } from './find-files.ts';
import { type OtherHashes, quarantineFileElement } from './quarantine-file-element.ts';
import { type Finder, type Search, type Sought, targetsOf } from './search.ts';

/** Each is looked at one by one. */
const mostInspected = 100_000;

/** What the vaults hold, newest first. */
export const findQuarantineFiles: Finder = async (search, sought, taker) => {
  const records = await held(search, sought);
  const owners = await search.reader.endpoints.byIds([...new Set(records.map((record) => record.endpointId))]);
  const endpoints = new Map(owners.map((endpoint) => [endpoint.id, endpoint]));
  const byGuid = new Map(records.map((record) => [record.guid, record]));
  const elementOf = (record: QuarantineRecord, hashes?: OtherHashes) =>
    quarantineFileElement(record, { endpoint: endpoints.get(record.endpointId), hashes }, search.now);
  const candidates: Candidates = {
    elements: records.map((record) => elementOf(record)),
    isLate: (feature) => feature === 'md5String' || feature === 'sha1String',
    async complete(batch) {
      const some = batch.flatMap(({ guid }) => byGuid.get(guid) ?? []);
      const hashes = await otherHashesOf(search.reader, some);
      return some.map((record) => elementOf(record, hashes.get(record.sha256)));
    },
  };
  return takeFitting(candidates, sought, taker);
};

/** A vault keeps the SHA-256 alone: the others are those of the file that was taken, or of a copy that is there. */
async function otherHashesOf(
  { files }: Pick<Reader, 'files'>,
  records: readonly QuarantineRecord[],
): Promise<ReadonlyMap<Sha256, OtherHashes>> {
  const wanted = new Set(records.map(({ sha256 }) => sha256));
  const taken = await files.byGuids([...new Set(records.map(({ fileGuid }) => fileGuid))]);
  const known = new Map<Sha256, OtherHashes>(
    taken.filter(({ sha256 }) => wanted.has(sha256)).map((file) => [file.sha256, file]),
  );
  const missing = [...wanted].filter((sha256) => !known.has(sha256));
  const copies = missing.length === 0 ? [] : await files.copiesOf({ sha256: missing, sha1: [], md5: [] });
  return new Map([...known, ...copies.map((copy) => [copy.sha256, copy] as const)]);
}

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
