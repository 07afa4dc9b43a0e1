import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Action } from '#core/action/action.ts';
import { confirmedVerbs } from '#core/action/needs-confirmation.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { ActionFilter, ActionReader, ActionWriter } from '#core/ports/store/actions.ts';
import type { ActionRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { containsPattern } from '../sql/like-pattern.ts';
import { succeeded } from './outcomes.ts';
import { demandPage } from './page.ts';
import { standingActions } from './standing-actions.ts';

/** Ids are digits without leading zeros: the longer one is the greater. */
const digits = sql`length(actions.id)`;

export function actionReader(session: Session): ActionReader {
  const { db, dialect } = session;
  return {
    async byId(id) {
      const row = await db.selectFrom('actions').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toAction(row);
    },
    async byIds(ids) {
      const rows = await db.selectFrom('actions').selectAll().where(dialect.among('actions.id', ids)).execute();
      return rows.map(toAction);
    },
    async byBatchNumber(number) {
      const row = await db.selectFrom('actions').selectAll().where('batch_number', '=', number).executeTakeFirst();
      return row && toAction(row);
    },
    async list(filter, page) {
      const { offset, limit } = demandPage(page);
      const matching = db
        .selectFrom('actions')
        .where((builder) => builder.and(actionConditions(session, filter, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy(digits, 'desc')
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toAction), total };
    },
    async standings(filter, now) {
      return await db
        .selectFrom('actions')
        .innerJoin(standingActions(session, now).as('standing'), 'standing.action_id', 'actions.id')
        .where((builder) => builder.and(actionConditions(session, filter, builder)))
        .select(['actions.id', 'standing.status'])
        .orderBy('actions.created_at', 'desc')
        .orderBy(digits, 'desc')
        .orderBy('actions.id', 'desc')
        .execute();
    },
  };
}

export function actionWriter(session: Session): ActionWriter {
  const { db } = session;
  return {
    ...actionReader(session),
    async insert(action) {
      await db.insertInto('actions').values(toActionRow(action)).execute();
    },
    async insertAll(actions) {
      await runBulk(session, insertActions, actions.map(toActionRow));
    },
    async beginRound(id, deadline) {
      const later = sql<number>`case when deadline > ${deadline} then deadline else ${deadline} end`;
      const { rounds } = await db
        .updateTable('actions')
        .set({ rounds: sql<number>`rounds + 1`, deadline: later })
        .where('id', '=', id)
        .returning('rounds')
        .executeTakeFirstOrThrow();
      return rounds;
    },
    async postpone(id, deadline) {
      await db.updateTable('actions').set({ deadline }).where('id', '=', id).execute();
    },
    async close(id, at) {
      const closed = await db
        .updateTable('actions')
        .set({ closed_at: at })
        .where('id', '=', id)
        .where('closed_at', 'is', null)
        .returning('id')
        .execute();
      return closed.length > 0;
    },
  };
}

const insertActions = bulkTemplate<ActionRow>((session, rows) => session.db.insertInto('actions').values(rows));

function actionConditions(
  session: Session,
  filter: ActionFilter,
  builder: ExpressionBuilder<Schema, 'actions'>,
): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [];
  if (filter.verbs !== undefined) {
    conditions.push(session.dialect.among('actions.verb', filter.verbs));
  }
  if (filter.incidentId !== undefined) {
    conditions.push(builder('incident_id', '=', filter.incidentId));
  }
  if (filter.principalId !== undefined) {
    conditions.push(builder('principal_id', '=', filter.principalId));
  }
  if (filter.openBatches === true) {
    conditions.push(builder('batch_number', 'is not', null), builder('closed_at', 'is', null));
  }
  if (filter.undelivered === true) {
    conditions.push(hasUndelivered(builder));
  }
  if (filter.endpointId !== undefined) {
    conditions.push(concerns(builder, filter.endpointId));
  }
  if (filter.unconfirmed !== undefined) {
    conditions.push(builder('actions.id', 'in', unconfirmed(session, filter.unconfirmed)));
  }
  if (filter.idContains !== undefined) {
    conditions.push(sql<SqlBool>`actions.id like ${containsPattern(filter.idContains)} escape '\\'`);
  }
  return [...conditions, ...orderedWithin(filter, builder)];
}

function orderedWithin(
  { createdFrom, createdTo }: ActionFilter,
  builder: ExpressionBuilder<Schema, 'actions'>,
): Expression<SqlBool>[] {
  return [
    ...(createdFrom === undefined ? [] : [builder('created_at', '>=', createdFrom)]),
    ...(createdTo === undefined ? [] : [builder('created_at', '<', createdTo)]),
  ];
}

function concerns(builder: ExpressionBuilder<Schema, 'actions'>, endpointId: EndpointId): Expression<SqlBool> {
  return builder.exists(
    builder
      .selectFrom('tasks')
      .select('tasks.id')
      .whereRef('tasks.action_id', '=', 'actions.id')
      .where('tasks.endpoint_id', '=', endpointId),
  );
}

/** `awaitsConfirmation` in SQL. The conformance suite holds it to the rule itself. */
function unconfirmed({ db, dialect }: Session, { wantedBefore, now }: NonNullable<ActionFilter['unconfirmed']>) {
  return db
    .selectFrom('tasks')
    .select('tasks.action_id')
    .where('tasks.state', 'in', ['pending', 'sent'])
    .where('tasks.deadline', '>', now)
    .where('tasks.accepted_at', 'is', null)
    .where(dialect.among('tasks.verb', confirmedVerbs))
    .where('tasks.created_at', '<', wantedBefore)
    .where(({ or, eb }) => or([eb('tasks.confirmed_at', 'is', null), eb('tasks.confirmed_at', '<', wantedBefore)]));
}

/** A task without outcomes has not ended, so none of its files was delivered. What failed and was retried is another task's now. */
function hasUndelivered(builder: ExpressionBuilder<Schema, 'actions'>): Expression<SqlBool> {
  const undelivered = builder
    .selectFrom('tasks')
    .leftJoin('outcomes', 'outcomes.task_id', 'tasks.id')
    .select('tasks.id')
    .whereRef('tasks.action_id', '=', 'actions.id')
    .where('outcomes.delivered_at', 'is', null)
    .where(({ or, eb }) => or([eb('tasks.retried_by', 'is', null), eb('outcomes.outcome', 'in', succeeded)]));
  return builder.exists(undelivered);
}

function toAction(row: ActionRow): Action {
  return {
    id: row.id,
    verb: row.verb,
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    claimedInitiator: row.claimed_initiator,
    reason: row.reason,
    dialect: row.dialect,
    incidentId: row.incident_id,
    batchNumber: row.batch_number,
    createdAt: row.created_at,
    deadline: row.deadline,
    closedAt: row.closed_at,
    endpointsCount: row.endpoints_count,
  };
}

function toActionRow(action: Action): ActionRow {
  return {
    id: action.id,
    verb: action.verb,
    principal_kind: action.principal.kind,
    principal_id: action.principal.id,
    principal_name: action.principal.name,
    claimed_initiator: action.claimedInitiator,
    reason: action.reason,
    dialect: action.dialect,
    incident_id: action.incidentId,
    batch_number: action.batchNumber,
    created_at: action.createdAt,
    deadline: action.deadline,
    closed_at: action.closedAt,
    endpoints_count: action.endpointsCount,
    rounds: 1,
  };
}
