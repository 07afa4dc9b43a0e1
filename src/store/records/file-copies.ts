import { sql } from 'kysely';
import type { Sha256 } from '#core/file/hash.ts';
import type { ContentHashes, FileCopies, FileReader, HashesByAlgorithm } from '#core/ports/store/files.ts';
import type { Session } from '../session.ts';
import { reachableHolders, spreadOf } from './file-spread.ts';

type CopyReader = Pick<
  FileReader,
  'hashesOf' | 'copiesOf' | 'holdersOf' | 'packagedAmong' | 'spreadOf' | 'reachableHolders'
>;

/** Bounds one statement's only parameter. */
const hashesPerStatement = 10_000;

/** What the fleet has of a content, in statements that each use the index of one algorithm. */
export function copyReader(session: Session): CopyReader {
  return {
    hashesOf: (sha256) => hashesOf(session, sha256),
    async copiesOf(hashes) {
      const found = [
        ...(await copiesBy(session, 'sha256', hashes)),
        ...(await copiesBy(session, 'sha1', hashes)),
        ...(await copiesBy(session, 'md5', hashes)),
      ];
      // A content may be named by several of its hashes.
      const byHashes = new Map(found.map((copies) => [`${copies.sha256} ${copies.sha1} ${copies.md5}`, copies]));
      return [...byHashes].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, copies]) => copies);
    },
    async packagedAmong(sha256) {
      const { db, dialect } = session;
      const rows = await db
        .selectFrom('files')
        .select('sha256')
        .distinct()
        .where(dialect.among('files.sha256', sha256))
        .where('state', '=', 'present')
        .where('package', 'is not', null)
        .execute();
      return rows.map((row) => row.sha256);
    },
    reachableHolders: (sha256) => reachableHolders(session, sha256),
    spreadOf: (sha256, at) => spreadOf(session, sha256, at),
    async holdersOf(sha256) {
      const { db, dialect } = session;
      return await db
        .selectFrom('files')
        .select(['sha256', 'endpoint_id as endpointId'])
        .distinct()
        .where(dialect.among('files.sha256', sha256))
        .where('state', '=', 'present')
        .orderBy('sha256')
        .orderBy('endpoint_id')
        .execute();
    },
  };
}

/** By the first file of each in the index of contents: however many there are, one is looked at. */
async function hashesOf(session: Session, sha256: readonly Sha256[]): Promise<readonly ContentHashes[]> {
  const found: ContentHashes[] = [];
  for (let start = 0; start < sha256.length; start += hashesPerStatement) {
    const list = JSON.stringify(sha256.slice(start, start + hashesPerStatement).map((each) => [each]));
    const { rows } = await sql<ContentHashes>`select files.sha256 as sha256, files.sha1 as sha1, files.md5 as md5
      from ${session.dialect.listed(list)}
      join files on files.guid = (
        select one.guid from files as one where one.sha256 = given.value ->> 0
        order by one.state, one.endpoint_id, one.first_seen_at limit 1
      )`.execute(session.db);
    found.push(...rows);
  }
  return found;
}

async function copiesBy(
  { db, dialect }: Session,
  algorithm: keyof HashesByAlgorithm,
  hashes: HashesByAlgorithm,
): Promise<readonly FileCopies[]> {
  if (hashes[algorithm].length === 0) {
    return [];
  }
  return await db
    .selectFrom('files')
    .select(['sha256', 'sha1', 'md5'])
    .select((builder) => builder.fn.countAll<number>().as('copies'))
    .select((builder) => builder.fn.max('package').as('package'))
    .where(dialect.among(`files.${algorithm}`, hashes[algorithm]))
    .where('state', '=', 'present')
    .groupBy(['sha256', 'sha1', 'md5'])
    .execute();
}
