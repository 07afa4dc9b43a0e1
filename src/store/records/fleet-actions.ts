import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import type { FleetActionReader, FleetActionWriter } from '#core/ports/store/fleet-actions.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import type { FleetActionItemRow, FleetActionTableRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { demandPage } from './page.ts';

export function fleetActionReader(session: Session): FleetActionReader {
  const { db, dialect } = session;
  return {
    async byBatchNumber(number) {
      const row = await db
        .selectFrom('fleet_actions')
        .selectAll()
        .where('batch_number', '=', number)
        .executeTakeFirst();
      return row && toFleetAction(row);
    },
    async list({ kinds, principalId }, page) {
      const { offset, limit } = demandPage(page);
      let matching = db.selectFrom('fleet_actions');
      matching = kinds === undefined ? matching : matching.where(dialect.among('fleet_actions.kind', kinds));
      matching = principalId === undefined ? matching : matching.where('principal_id', '=', principalId);
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const newestFirst = matching.selectAll().orderBy('created_at', 'desc').orderBy('batch_number');
      const rows = await newestFirst.offset(offset).limit(limit).execute();
      return { items: rows.map(toFleetAction), total };
    },
    async rows(number, page) {
      const { offset, limit } = demandPage(page);
      const matching = db.selectFrom('fleet_action_rows').where('batch_number', '=', number);
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching.selectAll().orderBy('ordinal').offset(offset).limit(limit).execute();
      const items = rows.map((row) => ({ endpointId: row.endpoint_id, done: row.done === 1, message: row.message }));
      return { items, total };
    },
    async counts(numbers) {
      const counted = await db
        .selectFrom('fleet_action_rows')
        .select(({ fn }) => ['batch_number', 'done', fn.countAll<number>().as('total')])
        .where(dialect.among('fleet_action_rows.batch_number', numbers))
        .groupBy(['batch_number', 'done'])
        .execute();
      const byNumber = Map.groupBy(counted, (row) => row.batch_number);
      const totalOf = (rows: typeof counted, done: 0 | 1) => rows.find((row) => row.done === done)?.total ?? 0;
      return new Map(
        [...byNumber].map(([number, rows]) => [number, { done: totalOf(rows, 1), failed: totalOf(rows, 0) }]),
      );
    },
  };
}

export function fleetActionWriter(session: Session): FleetActionWriter {
  const { db } = session;
  return {
    ...fleetActionReader(session),
    async insert(action, rows) {
      await db.insertInto('fleet_actions').values(toRow(action)).execute();
      const items = rows.map(({ endpointId, done, message }, ordinal) => ({
        batch_number: action.batchNumber,
        ordinal,
        endpoint_id: endpointId,
        done: done ? (1 as const) : (0 as const),
        message,
      }));
      await runBulk(session, insertItems, items);
    },
    async cancel(number, at, by) {
      await db
        .updateTable('fleet_actions')
        .set({ cancelled_at: at, cancelled_by: by })
        .where('batch_number', '=', number)
        .where('cancelled_at', 'is', null)
        .execute();
    },
  };
}

const insertItems = bulkTemplate<FleetActionItemRow>((session, rows) =>
  session.db.insertInto('fleet_action_rows').values(rows),
);

function toFleetAction(row: FleetActionTableRow): FleetAction {
  return {
    batchNumber: row.batch_number,
    kind: row.kind,
    name: row.name,
    facts: JSON.parse(row.facts_json),
    actionId: row.action_id,
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    createdAt: row.created_at,
    endpointsCount: row.endpoints_count,
    cancelledAt: row.cancelled_at,
    cancelledBy: row.cancelled_by,
  };
}

function toRow(action: FleetAction): FleetActionTableRow {
  return {
    batch_number: action.batchNumber,
    kind: action.kind,
    name: action.name,
    facts_json: canonicalJson(action.facts),
    action_id: action.actionId,
    principal_kind: action.principal.kind,
    principal_id: action.principal.id,
    principal_name: action.principal.name,
    created_at: action.createdAt,
    endpoints_count: action.endpointsCount,
    cancelled_at: action.cancelledAt,
    cancelled_by: action.cancelledBy,
  };
}
