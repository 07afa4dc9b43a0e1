import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { SensorAction } from '#core/endpoint/sensor-action.ts';
import type { SensorActionFilter, SensorActionReader, SensorActionWriter } from '#core/ports/store/sensor-actions.ts';
import type { Schema, SensorActionRow, SensorActionTargetRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { demandPage } from './page.ts';

export function sensorActionReader(session: Session): SensorActionReader {
  const { db, dialect } = session;
  return {
    async byNumber(number) {
      const row = await db
        .selectFrom('sensor_actions')
        .selectAll()
        .where('batch_number', '=', number)
        .executeTakeFirst();
      return row && toAction(row);
    },
    async list(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = db
        .selectFrom('sensor_actions')
        .where((builder) => builder.and(conditionsOf(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const ordered = matching.selectAll().orderBy('created_at', 'desc').orderBy('batch_number');
      return { items: (await ordered.offset(offset).limit(limit).execute()).map(toAction), total };
    },
    async targetsOf(numbers) {
      const rows = await db
        .selectFrom('sensor_action_targets')
        .selectAll()
        .where(dialect.among('sensor_action_targets.batch_number', numbers))
        .orderBy('batch_number')
        .orderBy('ordinal')
        .execute();
      return rows.map((row) => ({
        batchNumber: row.batch_number,
        endpointId: row.endpoint_id,
        ordinal: row.ordinal,
        end: row.ended,
        message: row.message,
      }));
    },
  };
}

export function sensorActionWriter(session: Session): SensorActionWriter {
  const { db } = session;
  return {
    ...sensorActionReader(session),
    async insert(action, targets) {
      await db.insertInto('sensor_actions').values(toRow(action)).execute();
      const rows = targets.map((target) => ({
        batch_number: target.batchNumber,
        endpoint_id: target.endpointId,
        ordinal: target.ordinal,
        ended: target.end,
        message: target.message,
      }));
      await runBulk(session, insertTargets, rows);
    },
    async abort(number, at, by) {
      const aborted = await db
        .updateTable('sensor_actions')
        .set({ aborted_at: at, aborted_by: by })
        .where('batch_number', '=', number)
        .where('aborted_at', 'is', null)
        .returning('batch_number')
        .execute();
      return aborted.length > 0;
    },
  };
}

const insertTargets = bulkTemplate<SensorActionTargetRow>((session, rows) =>
  session.db.insertInto('sensor_action_targets').values(rows),
);

function conditionsOf(
  { dialect }: Session,
  { kinds, principalId }: SensorActionFilter,
  builder: ExpressionBuilder<Schema, 'sensor_actions'>,
): Expression<SqlBool>[] {
  return [
    ...(kinds === undefined ? [] : [dialect.among('sensor_actions.kind', kinds)]),
    ...(principalId === undefined ? [] : [builder('principal_id', '=', principalId)]),
  ];
}

function toAction(row: SensorActionRow): SensorAction {
  return {
    batchNumber: row.batch_number,
    kind: row.kind,
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    argumentsJson: row.arguments_json,
    createdAt: row.created_at,
    actionId: row.action_id,
    abortedAt: row.aborted_at,
    abortedBy: row.aborted_by,
  };
}

function toRow(action: SensorAction): SensorActionRow {
  return {
    batch_number: action.batchNumber,
    kind: action.kind,
    principal_kind: action.principal.kind,
    principal_id: action.principal.id,
    principal_name: action.principal.name,
    arguments_json: action.argumentsJson,
    created_at: action.createdAt,
    action_id: action.actionId,
    aborted_at: action.abortedAt,
    aborted_by: action.abortedBy,
  };
}
