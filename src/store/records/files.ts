import { sql } from 'kysely';
import { type FileRecord, type FileState, isFileTaken } from '#core/file/file.ts';
import type { Guid } from '#core/file/guid.ts';
import type { FileReader, FileWriter } from '#core/ports/store/files.ts';
import type { Milliseconds } from '#core/time.ts';
import type { FileRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { copyReader } from './file-copies.ts';
import { fileConditions } from './file-filter.ts';
import { toFile, toFileRow } from './file-row.ts';
import { demandPage } from './page.ts';

export function fileReader(session: Session): FileReader {
  const { db, dialect } = session;
  return {
    ...copyReader(session),
    async byGuids(guids) {
      const rows = await db.selectFrom('files').selectAll().where(dialect.among('files.guid', guids)).execute();
      return rows.map(toFile);
    },
    async list(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = db.selectFrom('files').where((builder) => builder.and(fileConditions(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching
        .selectAll()
        .orderBy('files.name')
        .orderBy('files.path')
        .orderBy('files.guid')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toFile), total };
    },
    async scan(filter, { after, limit }) {
      demandPage({ offset: 0, limit });
      const behind = after === undefined ? [] : [after];
      const rows = await db
        .selectFrom('files')
        .selectAll()
        .where((builder) =>
          builder.and([
            ...fileConditions(session, filter, builder),
            ...behind.map((guid) => builder('files.guid', '>', guid)),
          ]),
        )
        .orderBy('files.guid')
        .limit(limit)
        .execute();
      return rows.map(toFile);
    },
    async endpointsWith(filter) {
      const rows = await db
        .selectFrom('files')
        .select('endpoint_id')
        .distinct()
        .where((builder) => builder.and(fileConditions(session, filter, builder)))
        .execute();
      return rows.map((row) => row.endpoint_id);
    },
  };
}

export function fileWriter(session: Session): FileWriter {
  const { db, dialect } = session;
  return {
    ...fileReader(session),
    upsert: (files) => upsert(session, files),
    async markGone(guids) {
      if (guids.length === 0) {
        return;
      }
      await db.updateTable('files').set({ state: stateOffDisk }).where(dialect.among('files.guid', guids)).execute();
    },
    async setState(guids, state) {
      if (guids.length === 0) {
        return;
      }
      await db.updateTable('files').set({ state }).where(dialect.among('files.guid', guids)).execute();
    },
    async releaseQuarantined(guids) {
      if (guids.length === 0) {
        return;
      }
      await db
        .updateTable('files')
        .set({ state: stateOffDisk })
        .where(dialect.among('files.guid', guids))
        .where('state', '=', 'quarantined')
        .execute();
    },
    async retainOnly(endpointId, keep) {
      await db
        .updateTable('files')
        .set({ state: stateOffDisk })
        .where('endpoint_id', '=', endpointId)
        .where('state', '=', 'present')
        .where(({ not }) => not(dialect.among('files.guid', keep)))
        .execute();
    },
  };
}

/** A file that is not on its disk may still be in its endpoint's vault. */
const stateOffDisk = sql<FileState>`case when exists (
  select 1 from quarantine where quarantine.file_guid = files.guid and quarantine.state = 'held'
) then 'quarantined' else 'gone' end`;

async function upsert(session: Session, files: readonly FileRecord[]): Promise<readonly Guid[]> {
  const offered = new Map<Guid, FileRecord>();
  const foreign = new Set<Guid>();
  for (const file of files) {
    // PostgreSQL refuses to touch a row twice in one statement; the last word of the same endpoint counts.
    if ((offered.get(file.guid)?.endpointId ?? file.endpointId) === file.endpointId) {
      offered.set(file.guid, file);
    } else {
      foreign.add(file.guid);
    }
  }
  const taken = await lastTaken(session, [...offered.keys()]);
  const rows = [...offered.values()].map((file) => toFileRow(isTaken(file, taken) ? asQuarantined(file) : file));
  const results = await runBulk(session, upsertFiles, rows);
  const written = new Set(results.flatMap((result) => result.rows.map((row) => row['guid'])));
  for (const guid of offered.keys()) {
    if (!written.has(guid)) {
      foreign.add(guid);
    }
  }
  return [...foreign];
}

/** When the endpoint's vault took from each place the bytes that it still holds. */
async function lastTaken({ db, dialect }: Session, guids: readonly Guid[]): Promise<ReadonlyMap<string, Milliseconds>> {
  const rows = await db
    .selectFrom('quarantine')
    .select(['file_guid', 'sha256', ({ fn }) => fn.max<number>('taken_at').as('taken_at')])
    .where(dialect.among('quarantine.file_guid', guids))
    .where('state', '=', 'held')
    .groupBy(['file_guid', 'sha256'])
    .execute();
  return new Map(rows.map((row) => [`${row.file_guid} ${row.sha256}`, row.taken_at]));
}

function isTaken(file: FileRecord, taken: ReadonlyMap<string, Milliseconds>): boolean {
  const takenAt = taken.get(`${file.guid} ${file.sha256}`);
  return takenAt !== undefined && isFileTaken(file, { sha256: file.sha256, takenAt });
}

function asQuarantined(file: FileRecord): FileRecord {
  return { ...file, state: 'quarantined' };
}

/** A row that another endpoint holds fails the condition, and `returning` leaves it out. */
const upsertFiles = bulkTemplate<FileRow>((session, rows) =>
  session.db
    .insertInto('files')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('guid')
        .doUpdateSet(({ ref }) => ({
          path: ref('excluded.path'),
          display_path: ref('excluded.display_path'),
          display_path_lower: ref('excluded.display_path_lower'),
          name: ref('excluded.name'),
          name_lower: ref('excluded.name_lower'),
          size: ref('excluded.size'),
          sha256: ref('excluded.sha256'),
          sha1: ref('excluded.sha1'),
          md5: ref('excluded.md5'),
          modified_ns: ref('excluded.modified_ns'),
          changed_ns: ref('excluded.changed_ns'),
          created_ns: ref('excluded.created_ns'),
          mode: ref('excluded.mode'),
          uid: ref('excluded.uid'),
          gid: ref('excluded.gid'),
          owner: ref('excluded.owner'),
          kind: ref('excluded.kind'),
          state: ref('excluded.state'),
          seen_at: ref('excluded.seen_at'),
          first_seen_at: sql`case when files.sha256 = excluded.sha256 then files.first_seen_at else excluded.first_seen_at end`,
          package: ref('excluded.package'),
        }))
        .whereRef('files.endpoint_id', '=', 'excluded.endpoint_id'),
    )
    .returning('guid'),
);
