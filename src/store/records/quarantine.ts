import type { Expression, SqlBool } from 'kysely';
import type {
  NamedObjects,
  QuarantineFilter,
  QuarantineReader,
  QuarantineWriter,
} from '#core/ports/store/quarantine.ts';
import type { QuarantineRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { containsText } from './contains-text.ts';
import { demandPage } from './page.ts';
import { quarantinedContents } from './quarantine-contents.ts';
import { markDeparted } from './quarantine-departures.ts';
import { heldAt } from './quarantine-held-at.ts';
import { toQuarantineRow, toRecord } from './quarantine-row.ts';

export function quarantineReader(session: Session): QuarantineReader {
  const { db, dialect } = session;
  const records = db.selectFrom('quarantine').selectAll();
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
    contents: (filter, page) => quarantinedContents(session, quarantineConditions(session, filter), page),
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
    async countHeld(sha256) {
      return await db
        .selectFrom('quarantine')
        .select(({ fn }) => [
          fn.countAll<number>().as('objects'),
          fn.count<number>('endpoint_id').distinct().as('endpoints'),
        ])
        .where('sha256', '=', sha256)
        .where('state', '=', 'held')
        .executeTakeFirstOrThrow();
    },
    async placesAmong(filter) {
      return await db
        .selectFrom('quarantine')
        .select(['endpoint_id as endpointId', 'sha256'])
        .distinct()
        .where(({ and }) => and(quarantineConditions(session, filter)))
        .execute();
    },
    heldAt: (places) => heldAt(session, places),
    async byObjects(objects) {
      return (await records.where(dialect.among('quarantine.vault_object', objects)).execute()).map(toRecord);
    },
    async takenBy({ actionIds, endpointIds }) {
      const taken = db
        .selectFrom('quarantine')
        .select(['vault_object', 'endpoint_id', 'sha256', 'state', 'action_id'])
        .where(dialect.among('quarantine.action_id', actionIds));
      const there = endpointIds && taken.where(dialect.among('quarantine.endpoint_id', endpointIds));
      const rows = await (there ?? taken).execute();
      return rows.flatMap(
        ({ vault_object: vaultObject, endpoint_id: endpointId, sha256, state, action_id: actionId }) =>
          actionId === null ? [] : [{ vaultObject, endpointId, sha256, state, actionId }],
      );
    },
    async heldByGuids(guids) {
      // Two statements, so that each walks its own index.
      const byFile = await records.where(dialect.among('quarantine.file_guid', guids)).execute();
      const byOwn = await records.where(dialect.among('quarantine.guid', guids)).execute();
      const found = new Map([...byFile, ...byOwn].map((row) => [row.vault_object, row]));
      return [...found.values()]
        .filter((row) => row.state === 'held')
        .map(toRecord)
        .sort((left, right) => right.takenAt - left.takenAt || (left.vaultObject < right.vaultObject ? -1 : 1));
    },
    async holding(endpointIds) {
      const rows = await db
        .selectFrom('quarantine')
        .select('endpoint_id')
        .distinct()
        .where(dialect.among('quarantine.endpoint_id', endpointIds))
        .where('state', '=', 'held')
        .execute();
      return rows.map((row) => row.endpoint_id);
    },
    async heldBefore(endpointId, before) {
      const held = records.where('endpoint_id', '=', endpointId).where('state', '=', 'held');
      return (await held.where('quarantined_at', '<', before).execute()).map(toRecord);
    },
  };
}

export function quarantineWriter(session: Session): QuarantineWriter {
  const { db, dialect } = session;
  const changing = ({ endpointId, vaultObjects }: NamedObjects) =>
    db
      .updateTable('quarantine')
      .where('endpoint_id', '=', endpointId)
      .where(dialect.among('quarantine.vault_object', vaultObjects));
  return {
    ...quarantineReader(session),
    async insert(records) {
      // PostgreSQL refuses to touch a row twice in one statement; the first word counts.
      const objects = new Map(records.toReversed().map((record) => [record.vaultObject, record]));
      await runBulk(session, insertRecords, [...objects.values()].map(toQuarantineRow));
    },
    markDeparted: (departed) => markDeparted(session, departed),
    async markLost(objects) {
      await changing(objects).where('state', '=', 'held').set({ state: 'lost' }).execute();
    },
    async markFound(objects) {
      await changing(objects).where('state', '=', 'lost').set({ state: 'held' }).execute();
    },
    async markDamaged(objects, at) {
      const whole = changing(objects).where('state', '=', 'held').where('damaged_at', 'is', null);
      const rows = await whole.set({ damaged_at: at }).returning('vault_object').execute();
      return rows.map((row) => row.vault_object);
    },
  };
}

const insertRecords = bulkTemplate<QuarantineRow>((session, rows) =>
  session.db
    .insertInto('quarantine')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('vault_object')
        .doUpdateSet(({ ref }) => ({ action_id: ref('excluded.action_id') }))
        .whereRef('quarantine.endpoint_id', '=', 'excluded.endpoint_id')
        .where('quarantine.action_id', 'is', null),
    ),
);

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
  if (filter.vaultObjects !== undefined) {
    conditions.push(dialect.among('quarantine.vault_object', filter.vaultObjects));
  }
  if (filter.actionIds !== undefined) {
    conditions.push(dialect.among('quarantine.action_id', filter.actionIds));
  }
  if (filter.pathContains !== undefined) {
    conditions.push(containsText('quarantine.display_path', filter.pathContains));
  }
  return conditions;
}
