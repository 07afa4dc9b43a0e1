import { sql } from 'kysely';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { FileReader, FileSpread } from '#core/ports/store/files.ts';
import type { Session } from '../session.ts';

type At = Parameters<FileReader['spreadOf']>[1];

/** Counted where the files are, never read: a content may be on every endpoint of a fleet. */
export async function spreadOf(session: Session, sha256: Sha256, at: At): Promise<FileSpread> {
  const { pathsCount, paths } = await commonPaths(session, sha256, at);
  return {
    ...(await countsOf(session, sha256, at)),
    ...{ pathsCount, paths },
    packages: await packagesOf(session, sha256, at),
  };
}

/** Sorted; each once. */
export async function reachableHolders(session: Session, sha256: Sha256): Promise<readonly EndpointId[]> {
  const rows = await presentFiles(session, sha256)
    .select('files.endpoint_id')
    .distinct()
    .orderBy('files.endpoint_id')
    .execute();
  return rows.map((row) => row.endpoint_id);
}

/** First by endpoint, which the index has in order, and then over all: to count different ids at once would sort them. */
async function countsOf(
  session: Session,
  sha256: Sha256,
  { now }: At,
): Promise<Pick<FileSpread, 'files' | 'endpoints' | 'connected' | 'firstSeenAt'>> {
  const byEndpoint = presentFiles(session, sha256)
    .select(({ fn }) => [
      'files.endpoint_id',
      fn.countAll<number>().as('files'),
      fn.min<number>('files.first_seen_at').as('first_seen_at'),
    ])
    .groupBy('files.endpoint_id');
  return await session.db
    .selectFrom(byEndpoint.as('holders'))
    .innerJoin('endpoints', 'endpoints.id', 'holders.endpoint_id')
    .select(({ fn }) => [
      // PostgreSQL's sum is a decimal, which comes as text.
      sql<number>`cast(coalesce(sum(holders.files), 0) as bigint)`.as('files'),
      fn.countAll<number>().as('endpoints'),
      fn.count<number>(sql`case when endpoints.connected_until > ${now} then 1 end`).as('connected'),
      fn.min<number | null>('holders.first_seen_at').as('firstSeenAt'),
    ])
    .executeTakeFirstOrThrow();
}

async function commonPaths(
  session: Session,
  sha256: Sha256,
  { most }: At,
): Promise<Pick<FileSpread, 'pathsCount' | 'paths'>> {
  const rows = await presentFiles(session, sha256)
    .select(({ fn }) => [
      'files.display_path as displayPath',
      fn.countAll<number>().as('files'),
      sql<number>`count(*) over ()`.as('pathsCount'),
    ])
    .groupBy('files.display_path')
    .orderBy('files', 'desc')
    .orderBy('files.display_path')
    .limit(most)
    .execute();
  return {
    pathsCount: rows[0]?.pathsCount ?? 0,
    paths: rows.map(({ displayPath, files }) => ({ displayPath, files })),
  };
}

async function packagesOf(session: Session, sha256: Sha256, { most }: At): Promise<FileSpread['packages']> {
  const rows = await presentFiles(session, sha256)
    .select(({ fn }) => ['files.package as package', fn.countAll<number>().as('files')])
    .where('files.package', 'is not', null)
    .groupBy('files.package')
    .orderBy('files', 'desc')
    .orderBy('files.package')
    .limit(most)
    .execute();
  return rows.flatMap(({ package: owner, files }) => (owner === null ? [] : [{ package: owner, files }]));
}

/** Those that were removed are few, so they are left out by their ids: to join every file's endpoint would cost more than to count. */
function presentFiles({ db }: Session, sha256: Sha256) {
  return db
    .selectFrom('files')
    .where('files.sha256', '=', sha256)
    .where('files.state', '=', 'present')
    .where('files.endpoint_id', 'not in', (builder) =>
      builder.selectFrom('endpoints').select('endpoints.id').where('endpoints.revoked_at', 'is not', null),
    );
}
