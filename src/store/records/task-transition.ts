import { sql } from 'kysely';
import type { TaskId } from '#core/action/action-id.ts';
import { endedStates, nextState, type TaskEvent, type TaskState, taskStates } from '#core/action/task-state.ts';
import type { TransitionPatch } from '#core/ports/store/tasks.ts';
import type { Session } from '../session.ts';

interface MovedTask {
  readonly id: TaskId;
  readonly state: TaskState;
}

/** One guarded update: the life cycle's row for this event is both its condition and its new value. */
export async function transitionTasks(
  session: Session,
  ids: readonly TaskId[],
  { event, patch }: { readonly event: TaskEvent; readonly patch: TransitionPatch },
): Promise<readonly MovedTask[]> {
  const moves = taskStates.flatMap((from) => {
    const to = nextState(from, event);
    return to === undefined ? [] : [{ from, to }];
  });
  const cases = moves.map(({ from, to }) => sql`when ${sql.lit(from)} then ${sql.lit(to)}`);
  const before = moves.map(({ from }) => from);
  const ending = moves.filter(({ to }) => endedStates.includes(to)).map(({ from }) => from);
  const { among } = session.dialect;
  return await session.db
    .updateTable('tasks')
    .set({
      state: sql<TaskState>`case state ${sql.join(cases, sql` `)} end`,
      ...(patch.deadline === undefined ? {} : { deadline: patch.deadline }),
      ...(patch.ring === undefined ? {} : { ring: patch.ring }),
      ...(patch.createdAt === undefined ? {} : { created_at: patch.createdAt }),
      ...(patch.acceptedAt === undefined
        ? {}
        : { accepted_at: sql<number>`coalesce(accepted_at, ${patch.acceptedAt})` }),
      ...(patch.endedAt === undefined
        ? {}
        : {
            ended_at: sql<number>`case when ${among('tasks.state', ending)} then ${patch.endedAt} else ended_at end`,
          }),
      ...(patch.stopRequestedAt === undefined
        ? {}
        : { stop_requested_at: sql<number>`coalesce(stop_requested_at, ${patch.stopRequestedAt})` }),
      ...(patch.supersededBy === undefined ? {} : { superseded_by: patch.supersededBy }),
    })
    .where(among('tasks.id', ids))
    .where(among('tasks.state', before))
    .returning(['id', 'state'])
    .execute();
}
