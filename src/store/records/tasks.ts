import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { TaskId } from '#core/action/action-id.ts';
import { deliverableStates, openStates } from '#core/action/task-state.ts';
import type { Verb } from '#core/action/verb.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { TaskReader, TaskWriter } from '#core/ports/store/tasks.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Schema, TaskRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate } from '../sql/bulk.ts';
import { type AlikeTable, insertAlike } from '../sql/insert-alike.ts';
import { keptQuery } from '../sql/kept-query.ts';
import { confirmationWriter } from './task-confirmation.ts';
import { finishTasks } from './task-finish.ts';
import { markRetried } from './task-retry.ts';
import { toTaskRows, toTasks } from './task-row.ts';
import { tallyTasks } from './task-tally.ts';
import { transitionTasks } from './task-transition.ts';

/** Ids are digits without leading zeros: the longer one is the greater. */
const actionIdLength = sql`length(tasks.action_id)`;

const taskById = keptQuery(({ db }, { id }: { readonly id: TaskId }) =>
  db.selectFrom('tasks').selectAll().where('id', '=', id),
);

interface Awaited {
  readonly endpoints: readonly EndpointId[];
  readonly now: Milliseconds;
}

const deliverable = keptQuery(({ db, dialect }, { endpoints, now }: Awaited) =>
  db
    .selectFrom('tasks')
    .selectAll()
    .where(dialect.among('tasks.endpoint_id', endpoints))
    .where(dialect.among('tasks.state', deliverableStates))
    .where('deadline', '>', now)
    .orderBy('created_at')
    .orderBy(actionIdLength)
    .orderBy('action_id')
    .orderBy('ordinal')
    .orderBy('id'),
);

export function taskReader(session: Session): TaskReader {
  const { db, dialect } = session;
  const tasks = db.selectFrom('tasks').selectAll();
  // Built where it is asked for: every transaction has such a reader, and few of them list tasks.
  const inOrder = () =>
    tasks.orderBy(actionIdLength).orderBy('action_id').orderBy('ordinal').orderBy('round').orderBy('id');
  return {
    async byId(id) {
      return toTasks(await taskById.all(session, { id }))[0];
    },
    async byIds(ids) {
      return toTasks(await tasks.where(dialect.among('tasks.id', ids)).execute());
    },
    async placesOf(ids) {
      return await db
        .selectFrom('tasks')
        .select(['id', 'action_id as actionId', 'endpoint_id as endpointId', 'verb', 'superseded_by as supersededBy'])
        .where(dialect.among('tasks.id', ids))
        .execute();
    },
    async byAction(id) {
      return toTasks(await inOrder().where('action_id', '=', id).execute());
    },
    async byActions(ids, { endpointId } = {}) {
      const all = inOrder().where(dialect.among('tasks.action_id', ids));
      return toTasks(await (endpointId === undefined ? all : all.where('endpoint_id', '=', endpointId)).execute());
    },
    async standingOf(id) {
      return toTasks(await inOrder().where('action_id', '=', id).where('retried_by', 'is', null).execute());
    },
    async areHeld(id) {
      const standing = db.selectFrom('tasks').select('id').where('action_id', '=', id).where('retried_by', 'is', null);
      const others = standing.where('state', '<>', 'held');
      return (await others.limit(1).executeTakeFirst()) === undefined;
    },
    async onePending(id) {
      const pending = inOrder().where('action_id', '=', id).where('state', '=', 'pending');
      return toTasks(await pending.limit(1).execute())[0];
    },
    tally: (ids, now) => tallyTasks(session, ids, now),
    async filesFetchedBy(principals, since) {
      const kinds = [...Map.groupBy(principals, ({ kind }) => kind)];
      const { files } = await db
        .selectFrom('tasks')
        .innerJoin('actions', 'actions.id', 'tasks.action_id')
        .select(sql<number>`cast(coalesce(sum(tasks.files_count), 0) as bigint)`.as('files'))
        .where(({ eb, or, and }) =>
          or(
            kinds.map(([kind, some]) => {
              const ids = some.map(({ id }) => id);
              return and([eb('actions.principal_kind', '=', kind), dialect.among('actions.principal_id', ids)]);
            }),
          ),
        )
        .where('actions.created_at', '>', since)
        .where('tasks.verb', '=', 'fetch')
        .where('tasks.state', '<>', 'cancelled')
        .executeTakeFirstOrThrow();
      return files;
    },
    async openCounts(endpoints) {
      const rows = await db
        .selectFrom('tasks')
        .select(({ fn }) => ['endpoint_id', fn.countAll<number>().as('count')])
        .where(dialect.among('tasks.endpoint_id', endpoints))
        .where(dialect.among('tasks.state', openStates))
        .groupBy('endpoint_id')
        .execute();
      return new Map(rows.map((row) => [row.endpoint_id, row.count]));
    },
    ...openTaskReader(session),
  };
}

/** One that may still take the file: nobody has heard how it ended, and an agent may have it. */
function unsettledQuarantine(
  { dialect }: Session,
  sha256: Sha256,
  builder: ExpressionBuilder<Schema, 'tasks'>,
): Expression<SqlBool> {
  return builder.and([
    builder('sha256', '=', sha256),
    builder('verb', '=', 'quarantine'),
    builder.or([
      dialect.among('tasks.state', openStates),
      builder.and([builder('state', '=', 'expired'), builder('accepted_at', 'is not', null)]),
    ]),
  ]);
}

/** What has not ended. */
function openTaskReader(
  session: Session,
): Pick<
  TaskReader,
  | 'vaultWorkOf'
  | 'openOf'
  | 'latestScans'
  | 'deliverable'
  | 'overdue'
  | 'unsettledQuarantines'
  | 'countUnsettledQuarantines'
  | 'openQuarantines'
> {
  const { db, dialect } = session;
  const tasks = db.selectFrom('tasks').selectAll();
  const inOrder = () => tasks.orderBy(actionIdLength).orderBy('action_id').orderBy('ordinal').orderBy('id');
  return {
    async vaultWorkOf(endpoints) {
      const rows = await db
        .selectFrom('tasks')
        .select('endpoint_id')
        .distinct()
        .where(dialect.among('tasks.endpoint_id', endpoints))
        .where(dialect.among('tasks.verb', ['quarantine', 'restore', 'restore_objects', 'undo', 'purge']))
        .where((builder) =>
          builder.or([
            dialect.among('tasks.state', ['sent', 'running', 'cancelling']),
            builder.and([builder('state', '=', 'expired'), builder('accepted_at', 'is not', null)]),
          ]),
        )
        .execute();
      return rows.map((row) => row.endpoint_id);
    },
    async openOf(endpoints, verbs) {
      const open = inOrder()
        .where(dialect.among('tasks.endpoint_id', endpoints))
        .where(dialect.among('tasks.state', openStates));
      return toTasks(await (verbs === undefined ? open : open.where(dialect.among('tasks.verb', verbs))).execute());
    },
    async latestScans(endpoints) {
      const newestFirst = sql`order by ${actionIdLength} desc, tasks.action_id desc`;
      const ranked = db
        .selectFrom('tasks')
        .select('tasks.id')
        .select(sql<number>`row_number() over (partition by tasks.endpoint_id ${newestFirst})`.as('rank'))
        .where(dialect.among('tasks.endpoint_id', endpoints))
        .where(sql<boolean>`tasks.verb = 'scan'`)
        .where('tasks.retried_by', 'is', null);
      const newest = db.selectFrom(ranked.as('ranked')).select('ranked.id').where('ranked.rank', '=', 1);
      return toTasks(await inOrder().where('tasks.id', 'in', newest).execute());
    },
    async deliverable(endpoints, now) {
      return toTasks(await deliverable.all(session, { endpoints, now }));
    },
    async overdue(now, limit) {
      const rows = await tasks
        .where(dialect.among('tasks.state', openStates))
        .where('deadline', '<=', now)
        .orderBy('deadline')
        .orderBy('id')
        .limit(limit)
        .execute();
      return toTasks(rows);
    },
    async unsettledQuarantines(sha256) {
      return toTasks(
        await inOrder()
          .where((builder) => unsettledQuarantine(session, sha256, builder))
          .execute(),
      );
    },
    async countUnsettledQuarantines(sha256) {
      const { total } = await db
        .selectFrom('tasks')
        .select(({ fn }) => fn.count<number>('tasks.endpoint_id').distinct().as('total'))
        .where((builder) => unsettledQuarantine(session, sha256, builder))
        .executeTakeFirstOrThrow();
      return total;
    },
    async openQuarantines({ endpointId, sha256, now }) {
      const rows = await inOrder()
        .where('endpoint_id', '=', endpointId)
        .where(dialect.among('tasks.state', openStates))
        .where('deadline', '>', now)
        .where('verb', '=', 'quarantine')
        .where(dialect.among('tasks.sha256', sha256))
        .execute();
      return toTasks(rows);
    },
  };
}

export function taskWriter(session: Session): TaskWriter {
  return {
    ...taskReader(session),
    async insert(tasks) {
      const rows = Map.groupBy(toTaskRows(tasks), ({ verb }) => (own.includes(verb) ? 'own' : 'shared'));
      await insertAlike(session, taskTable, rows.get('shared') ?? []);
      await insertAlike(session, ownTaskTable, rows.get('own') ?? []);
    },
    async noteLateStop(ids, at) {
      await session.db
        .updateTable('tasks')
        .set({ late_stop_at: at })
        .where(session.dialect.among('tasks.id', ids))
        .where('stop_requested_at', 'is', null)
        .where('late_stop_at', 'is', null)
        .execute();
    },
    async holdForRings({ actionId, round }, deadline) {
      const held = await session.db
        .updateTable('tasks')
        .set({ ring: 0, deadline })
        .where('action_id', '=', actionId)
        .where('round', '=', round)
        .where('state', '=', 'held')
        .returning('id')
        .execute();
      return held.map((row) => row.id);
    },
    finish: (tasks) => finishTasks(session, tasks),
    markRetried: (retried) => markRetried(session, retried),
    ...confirmationWriter(session),
    transition: (ids, event, patch = {}) => transitionTasks(session, ids, { event, patch }),
  };
}

const taskTable: AlikeTable<TaskRow> = {
  table: 'tasks',
  differing: [
    { column: 'id', type: 'text' },
    { column: 'endpoint_id', type: 'text' },
    { column: 'ordinal', type: 'bigint' },
  ],
  template: bulkTemplate<TaskRow>((session, rows) => session.db.insertInto('tasks').values(rows)),
};

/** These ask something else of each endpoint: an undo names a task of its own there, a planned restore objects. */
const own: readonly Verb[] = ['undo', 'restore_objects'];

const ownTaskTable: AlikeTable<TaskRow> = {
  ...taskTable,
  differing: [...taskTable.differing, { column: 'parameters_json', type: 'text' }],
};
