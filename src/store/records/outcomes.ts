import { sql } from 'kysely';
import type { FileOutcome } from '#core/action/action.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { isSuccess, outcomes } from '#core/outcome.ts';
import type { OutcomeReader, OutcomeWriter } from '#core/ports/store/outcomes.ts';
import { readOutcomeDetails, writeOutcomeDetails } from '../json/outcome-details.ts';
import { readTextList, writeTextList } from '../json/text-list.ts';
import type { OutcomeRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate } from '../sql/bulk.ts';
import { type AlikeTable, insertAlike } from '../sql/insert-alike.ts';
import { demandPage } from './page.ts';

/** By the rule of `isSuccess`. */
export const succeeded = outcomes.filter(isSuccess);

export function outcomeReader(session: Session): OutcomeReader {
  const { db, dialect } = session;
  return {
    async byTask(id) {
      const rows = await db.selectFrom('outcomes').selectAll().where('task_id', '=', id).orderBy('ordinal').execute();
      return rows.map(toOutcome);
    },
    async byTasks(ids) {
      const all = db.selectFrom('outcomes').selectAll().where(dialect.among('outcomes.task_id', ids));
      return (await all.orderBy('task_id').orderBy('ordinal').execute()).map(toOutcome);
    },
    async firstOf(ids) {
      const firsts = db.selectFrom('outcomes').selectAll().where(dialect.among('outcomes.task_id', ids));
      return (await firsts.where('ordinal', '=', 0).execute()).map(toOutcome);
    },
    async failedAmong(ids) {
      const failed = db
        .selectFrom('outcomes')
        .select('task_id')
        .distinct()
        .where(dialect.among('outcomes.task_id', ids));
      const rows = await failed.where('outcome', 'not in', succeeded).execute();
      return rows.map((row) => row.task_id);
    },
    async byActions(ids, { endpointId } = {}) {
      const all = db
        .selectFrom('outcomes')
        .innerJoin('tasks', 'tasks.id', 'outcomes.task_id')
        .selectAll('outcomes')
        .where(dialect.among('tasks.action_id', ids))
        // Ids are digits without leading zeros: the longer one is the greater.
        .orderBy(sql`length(tasks.action_id)`)
        .orderBy('tasks.action_id')
        .orderBy('tasks.ordinal')
        .orderBy('tasks.round')
        .orderBy('tasks.id')
        .orderBy('outcomes.ordinal');
      const some = endpointId === undefined ? all : all.where('tasks.endpoint_id', '=', endpointId);
      return (await some.execute()).map(toOutcome);
    },
    async runningIn(action, sha256, page) {
      const { offset, limit } = demandPage(page);
      const running = db
        .selectFrom('outcomes')
        .innerJoin('tasks', 'tasks.id', 'outcomes.task_id')
        .where('tasks.action_id', '=', action)
        .where('outcomes.sha256', '=', sha256)
        .where('tasks.retried_by', 'is', null)
        // A quote inside a text is escaped in JSON, so that only the detail itself looks like this.
        .where('outcomes.details_json', 'like', '%"running":[{%');
      const { total } = await running.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
      const rows = await running
        .select(['tasks.endpoint_id', 'outcomes.display_path', 'outcomes.details_json'])
        .orderBy('tasks.endpoint_id')
        .orderBy('outcomes.display_path')
        .offset(offset)
        .limit(limit)
        .execute();
      const items = rows.map(({ endpoint_id, display_path, details_json }) => ({
        endpointId: endpoint_id,
        displayPath: display_path,
        processes: readOutcomeDetails(details_json).running ?? [],
      }));
      return { items, total };
    },
    async actionsOf(file, limit) {
      const rows = await db
        .selectFrom('tasks')
        .select('action_id')
        .distinct()
        .select(sql<number>`length(tasks.action_id)`.as('digits'))
        .where('tasks.id', 'in', (builder) =>
          builder.selectFrom('outcomes').select('outcomes.task_id').where('outcomes.file_guid', '=', file),
        )
        .orderBy('digits')
        .orderBy('action_id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.action_id);
    },
  };
}

export function outcomeWriter(session: Session): OutcomeWriter {
  const { db, dialect } = session;
  return {
    ...outcomeReader(session),
    async put(ended) {
      const tasks = [...new Set(ended.map((outcome) => outcome.taskId))];
      await db.deleteFrom('outcomes').where(dialect.among('outcomes.task_id', tasks)).execute();
      await insertAlike(session, outcomeTable, ended.map(toOutcomeRow));
    },
    async markDelivered(taskId, ordinals, at) {
      await db
        .updateTable('outcomes')
        .set({ delivered_at: at })
        .where('task_id', '=', taskId)
        .where(dialect.among('outcomes.ordinal', ordinals))
        .where('delivered_at', 'is', null)
        .execute();
    },
  };
}

/** Where many tasks end together without a report, their outcomes say the same. */
const outcomeTable: AlikeTable<OutcomeRow> = {
  table: 'outcomes',
  differing: [{ column: 'task_id', type: 'text' }],
  template: bulkTemplate<OutcomeRow>((session, rows) => session.db.insertInto('outcomes').values(rows)),
};

function toOutcome(row: OutcomeRow): FileOutcome {
  return {
    taskId: row.task_id,
    ordinal: row.ordinal,
    outcome: row.outcome,
    reason: row.reason,
    message: row.message,
    path: row.path === null ? null : filePathSchema.parse(row.path),
    displayPath: row.display_path,
    fileGuid: row.file_guid,
    sha256: row.sha256,
    size: row.size,
    vaultObject: row.vault_object,
    effect: row.effect,
    losses: readTextList(row.losses_json),
    details: readOutcomeDetails(row.details_json),
    endedAt: row.ended_at,
    deliveredAt: row.delivered_at,
  };
}

function toOutcomeRow(outcome: FileOutcome): OutcomeRow {
  return {
    task_id: outcome.taskId,
    ordinal: outcome.ordinal,
    outcome: outcome.outcome,
    reason: outcome.reason,
    message: outcome.message,
    path: outcome.path,
    display_path: outcome.displayPath,
    file_guid: outcome.fileGuid,
    sha256: outcome.sha256,
    size: outcome.size,
    vault_object: outcome.vaultObject,
    effect: outcome.effect,
    losses_json: writeTextList(outcome.losses),
    details_json: writeOutcomeDetails(outcome.details),
    ended_at: outcome.endedAt,
    delivered_at: outcome.deliveredAt,
  };
}
