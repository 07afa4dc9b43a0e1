import { sql } from 'kysely';
import type { TaskId } from '#core/action/action-id.ts';
import { endedStates } from '#core/action/task-state.ts';
import type { RetriedTask } from '#core/ports/store/tasks.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';

/** Guarded: of two retries at once, one finds the task retried already. */
export async function markRetried(session: Session, retried: readonly RetriedTask[]): Promise<readonly TaskId[]> {
  const rows = retried.map(({ id, retriedBy }) => ({ id, retriedBy }));
  const results = await runBulk(session, retriedRows, rows);
  const moved = new Set(results.flatMap((result) => result.rows.map((row) => row['id'])));
  return retried.map(({ id }) => id).filter((id) => moved.has(id));
}

/** Both databases name the columns of a list of values column1, column2 ... */
const retriedRows = bulkTemplate<RetriedTask>(({ db }, rows) => {
  const values = rows.map(({ id, retriedBy }) => sql`(cast(${id} as text), cast(${retriedBy} as text))`);
  const ended = endedStates.map((state) => sql.lit(state));
  const statement = sql`update tasks
    set retried_by = given.column2
    from (values ${sql.join(values)}) as given
    where id = given.column1 and retried_by is null and state in (${sql.join(ended)})
    returning id`;
  return { compile: () => statement.compile(db) };
});
