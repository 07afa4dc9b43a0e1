import type { FileCopies, FileReader, HashesByAlgorithm } from '#core/ports/store/files.ts';
import type { Session } from '../session.ts';
import { reachableHolders, spreadOf } from './file-spread.ts';

type CopyReader = Pick<FileReader, 'copiesOf' | 'holdersOf' | 'packagedAmong' | 'spreadOf' | 'reachableHolders'>;

/** What the fleet has of a content, in statements that each use the index of one algorithm. */
export function copyReader(session: Session): CopyReader {
  return {
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
