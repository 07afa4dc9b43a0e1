import { type RawBuilder, sql } from 'kysely';
import type { ActionStatus } from '#core/action/action-status.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Session } from '../session.ts';
import { succeeded } from './outcomes.ts';

/** `actionStatus` in SQL: a row for each action, null where something of it was retried. The conformance suite holds it to the rule itself, over every kind of task. */
export function standingActions({ db }: Session, now: Milliseconds) {
  const tasks = db
    .selectFrom('tasks')
    .select([
      'tasks.action_id',
      taskStatus(now).as('status'),
      sql<0 | 1>`case when retried_by is null then 0 else 1 end`.as('retried'),
    ]);
  const either = (...statuses: readonly ActionStatus[]) =>
    sql`sum(case when each_task.status in (${sql.join(statuses.map((status) => sql.lit(status)))}) then 1 else 0 end) > 0`;
  const status = sql<ActionStatus | null>`case
    when max(each_task.retried) = 1 then null
    when min(each_task.status) = max(each_task.status) then min(each_task.status)
    when ${either('pending', 'in_progress', 'cancelling')} then 'in_progress'
    when ${either('held')} then 'held'
    when ${either('completed_successfully', 'completed_partial')} then 'completed_partial'
    else 'failed' end`;
  return db
    .selectFrom(tasks.as('each_task'))
    .select(['each_task.action_id', status.as('status')])
    .groupBy('each_task.action_id');
}

/** `taskStatus`. */
function taskStatus(now: Milliseconds): RawBuilder<ActionStatus> {
  return sql<ActionStatus>`case
    when tasks.state = 'finished' then ${statusByOutcomes}
    when tasks.state = 'cancelled' then 'cancelled'
    when tasks.state = 'expired' or tasks.deadline <= ${now}
      then case when tasks.accepted_at is null then 'expired' else 'timeout' end
    when tasks.state = 'cancelling' then 'cancelling'
    when tasks.state = 'held' and (tasks.ring is null or tasks.ring <> 0) then 'held'
    when tasks.state = 'running' then 'in_progress'
    else 'pending' end`;
}

const isSuccess = sql`case when outcomes.outcome in (${sql.join(succeeded.map((each) => sql.lit(each)))}) then 1 else 0 end`;

/** `statusByOutcomes`; of no outcomes every minimum is null. */
const statusByOutcomes = sql`(select case
    when min(${isSuccess}) = 1 then 'completed_successfully'
    when max(${isSuccess}) = 1 then 'completed_partial'
    when min(case when outcomes.outcome = 'cancelled' then 1 else 0 end) = 1 then 'aborted'
    when min(case when outcomes.outcome = 'expired' then 1 else 0 end) = 1 then 'expired'
    else 'failed' end
  from outcomes where outcomes.task_id = tasks.id)`;
