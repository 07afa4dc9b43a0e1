import { type Expression, type SqlBool, sql } from 'kysely';
import { filePathSchema } from '#core/file/file-path.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { QuarantineFilter, QuarantineReader, QuarantineWriter, Restored } from '#core/ports/store/quarantine.ts';
import type { QuarantineRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { demandPage } from './page.ts';

export function quarantineReader(session: Session): QuarantineReader {
  const { db } = session;
  return {
    async list(filter, page) {
      const { offset, limit } = demandPage(page);
      const conditions = quarantineConditions(session, filter);
      const matching = db.selectFrom('quarantine').where(({ and }) => and(conditions));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching
        .selectAll()
        .orderBy('quarantined_at', 'desc')
        .orderBy('vault_object', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toRecord), total };
    },
    async endpointsWith(sha256, state) {
      const rows = await db
        .selectFrom('quarantine')
        .select('endpoint_id')
        .distinct()
        .where('sha256', '=', sha256)
        .where('state', '=', state)
        .orderBy('endpoint_id')
        .execute();
      return rows.map((row) => row.endpoint_id);
    },
  };
}

export function quarantineWriter(session: Session): QuarantineWriter {
  return {
    ...quarantineReader(session),
    async insert(records) {
      await runBulk(session, insertRecords, records.map(toRow));
    },
    async markRestored(restored) {
      // Two rows of one update may not meet the same object; the first word counts.
      const objects = new Map(restored.toReversed().map((each) => [each.vaultObject, each]));
      await runBulk(session, restoreRecords, [...objects.values()].map(toRestoredRow));
    },
  };
}

const insertRecords = bulkTemplate<QuarantineRow>((session, rows) =>
  session.db
    .insertInto('quarantine')
    .values(rows)
    .onConflict((conflict) => conflict.column('vault_object').doNothing()),
);

interface RestoredRow {
  readonly object: string;
  readonly endpoint: string;
  readonly at: number;
  readonly by: string;
}

function toRestoredRow(restored: Restored): RestoredRow {
  return { object: restored.vaultObject, endpoint: restored.endpointId, at: restored.at, by: restored.by };
}

/** Both databases name the columns of a list of values column1, column2 ... */
const restoreRecords = bulkTemplate<RestoredRow>(({ db }, rows) => {
  const values = rows.map(
    ({ object, endpoint, at, by }) =>
      sql`(cast(${object} as text), cast(${endpoint} as text), cast(${at} as bigint), cast(${by} as text))`,
  );
  const statement = sql`update quarantine
    set state = 'restored', restored_at = given.column3, restored_by = given.column4
    from (values ${sql.join(values)}) as given
    where vault_object = given.column1 and endpoint_id = given.column2 and state = 'held'`;
  return { compile: () => statement.compile(db) };
});

function quarantineConditions({ dialect }: Session, filter: QuarantineFilter): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  if (filter.endpointIds !== undefined) {
    conditions.push(dialect.among('quarantine.endpoint_id', filter.endpointIds));
  }
  if (filter.sha256 !== undefined) {
    conditions.push(dialect.among('quarantine.sha256', filter.sha256));
  }
  if (filter.states !== undefined) {
    conditions.push(dialect.among('quarantine.state', filter.states));
  }
  return conditions;
}

function toRecord(row: QuarantineRow): QuarantineRecord {
  return {
    vaultObject: row.vault_object,
    guid: row.guid,
    fileGuid: row.file_guid,
    endpointId: row.endpoint_id,
    path: filePathSchema.parse(row.path),
    displayPath: row.display_path,
    sha256: row.sha256,
    size: row.size,
    actionId: row.action_id,
    quarantinedAt: row.quarantined_at,
    state: row.state,
    restoredAt: row.restored_at,
    restoredBy: row.restored_by,
  };
}

function toRow(record: QuarantineRecord): QuarantineRow {
  return {
    vault_object: record.vaultObject,
    guid: record.guid,
    file_guid: record.fileGuid,
    endpoint_id: record.endpointId,
    path: record.path,
    display_path: record.displayPath,
    sha256: record.sha256,
    size: record.size,
    action_id: record.actionId,
    quarantined_at: record.quarantinedAt,
    state: record.state,
    restored_at: record.restoredAt,
    restored_by: record.restoredBy,
  };
}
