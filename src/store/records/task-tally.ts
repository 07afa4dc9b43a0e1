import { sql } from 'kysely';
import type { ActionId } from '#core/action/action-id.ts';
import { type SearchCut, searchCuts } from '#core/outcome-details.ts';
import type { TaskTally } from '#core/ports/store/tasks.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Session } from '../session.ts';

/**
 * More than there can be. SQLite joins what is limited before it counts; else it would, where the records are narrowed, go through
 * every outcome there is to count a few.
 */
const mostTasks = Number.MAX_SAFE_INTEGER;

/** One statement for any number of actions: a fleet's tasks are counted where they are, not read. */
export async function tallyTasks(
  { db, dialect }: Session,
  ids: readonly ActionId[],
  now: Milliseconds,
): Promise<readonly TaskTally[]> {
  // A quote inside a text is escaped in JSON, so that only the detail itself looks like this.
  const cuts = searchCuts.map(
    (cut) => sql`when outcomes.details_json like ${sql.lit(`%"cut":"${cut}"%`)} then ${sql.lit(cut)}`,
  );
  const joined = db
    .selectFrom('tasks')
    .leftJoin('outcomes', (join) => join.onRef('outcomes.task_id', '=', 'tasks.id').on('outcomes.ordinal', '=', 0))
    .select([
      'tasks.action_id',
      'tasks.state',
      sql<0 | 1>`case when tasks.accepted_at is null then 0 else 1 end`.as('accepted'),
      sql<0 | 1>`case when tasks.deadline <= ${now} then 1 else 0 end`.as('overdue'),
      'outcomes.outcome',
      'outcomes.reason',
      sql<SearchCut | null>`case ${sql.join(cuts, sql` `)} end`.as('cut'),
    ])
    .where(dialect.among('tasks.action_id', ids))
    .where('tasks.retried_by', 'is', null)
    .limit(mostTasks);
  const alike = ['action_id', 'state', 'accepted', 'overdue', 'outcome', 'reason', 'cut'] as const;
  const rows = await db
    .selectFrom(joined.as('joined'))
    .select(({ fn }) => [...alike, fn.countAll<number>().as('count')])
    .groupBy(alike)
    .execute();
  return rows.map(({ action_id, state, accepted, overdue, outcome, reason, cut, count }) => ({
    actionId: action_id,
    standing: { state, isAccepted: accepted === 1, isOverdue: overdue === 1, outcome, reason, cut },
    count,
  }));
}
