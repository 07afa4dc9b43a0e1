import { sql } from 'kysely';
import type { TaskId } from '#core/action/action-id.ts';
import { statesBefore } from '#core/action/task-state.ts';
import type { FinishedTask } from '#core/ports/store/tasks.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';

interface FinishedRow {
  readonly id: string;
  readonly report: Uint8Array;
  readonly signature: Uint8Array;
  readonly accepted: number;
  readonly ended: number;
}

/** Guarded by the life cycle: a task that takes no report any more is left as it is. */
export async function finishTasks(session: Session, tasks: readonly FinishedTask[]): Promise<readonly TaskId[]> {
  // Two rows of one update may not meet the same task; the first report counts.
  const reported = new Map(tasks.toReversed().map((task) => [task.id, task]));
  const results = await runBulk(session, finishRows, [...reported.values()].map(toRow));
  const moved = new Set(results.flatMap((result) => result.rows.map((row) => row['id'])));
  return [...reported.keys()].filter((id) => moved.has(id));
}

function toRow({ id, report, acceptedAt, endedAt }: FinishedTask): FinishedRow {
  return { id, report: report.bytes, signature: report.signature, accepted: acceptedAt, ended: endedAt };
}

/** Both databases name the columns of a list of values column1, column2 ... */
const finishRows = bulkTemplate<FinishedRow>(({ db, dialect }, rows) => {
  const bytes = sql.raw(dialect.types.bytes);
  const values = rows.map(
    ({ id, report, signature, accepted, ended }) =>
      sql`(cast(${id} as text), cast(${report} as ${bytes}), cast(${signature} as ${bytes}),
        cast(${accepted} as bigint), cast(${ended} as bigint))`,
  );
  const before = statesBefore('report', 'finished').map((state) => sql.lit(state));
  const statement = sql`update tasks
    set state = 'finished', report = given.column2, report_signature = given.column3,
      accepted_at = coalesce(accepted_at, given.column4), ended_at = given.column5
    from (values ${sql.join(values)}) as given
    where id = given.column1 and state in (${sql.join(before)})
    returning id`;
  return { compile: () => statement.compile(db) };
});
