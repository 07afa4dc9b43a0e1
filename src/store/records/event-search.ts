import { type Expression, type ExpressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { verbs } from '#core/action/verb.ts';
import type { EventKind, EventOrder, EventReader, EventSearch } from '#core/ports/store/events.ts';
import type { EndpointRow, EventRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { toEvent } from './event-row.ts';
import { succeeded } from './outcomes.ts';
import { demandPage } from './page.ts';

type Builder = ExpressionBuilder<Schema, 'events'>;
type Condition = Expression<SqlBool>;
type EventQuery = SelectQueryBuilder<Schema, 'events', object>;

/** Events for people who look for some of them: narrowed, counted, sorted and cut by the database. */
export function eventSearch(session: Session): Pick<EventReader, 'search'> {
  return {
    async search(search, order, page) {
      const { offset, limit } = demandPage(page);
      const matching = session.db
        .selectFrom('events')
        .where((builder) => builder.and(conditions(session, search, builder)));
      const { total } = await matching
        .select((builder) => builder.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const direction = order.direction === 'ascending' ? 'asc' : 'desc';
      const rows: readonly EventRow[] = await sorted(session, matching, order)
        .orderBy('events.sequence', direction)
        .selectAll('events')
        .offset(offset)
        .limit(limit)
        .execute();
      return { items: rows.map(toEvent), total };
    },
  };
}

function conditions(session: Session, search: EventSearch, builder: Builder): Condition[] {
  const { among } = session.dialect;
  const causes = search.causedBy === 'agents' ? ['agent'] : ['user', 'key', 'local', 'server'];
  return [
    among('events.type', [...new Set(search.kinds.map(({ type }) => type))]),
    among('events.actor_kind', causes),
    ...given(verbsMissing(search.kinds), (kinds) => isOneOf(session, builder, kinds)),
    ...given(search.userNames, (names) => isCausedByUser(session, builder, names)),
    ...given(search.from, (time) => builder('events.at', '>=', time)),
    ...given(search.to, (time) => builder('events.at', '<=', time)),
    ...given(search.failed, (failed) => hasFailed(builder, failed)),
    ...given(search.endpointIds, (ids) => among('events.endpoint_id', ids)),
    ...endpointConditions(session, search, builder),
  ];
}

function endpointConditions({ dialect: { among } }: Session, search: EventSearch, builder: Builder): Condition[] {
  const onEndpoint = (condition: Condition) =>
    builder('events.endpoint_id', 'in', builder.selectFrom('endpoints').select('endpoints.id').where(condition));
  return [
    ...given(search.hostNames, (names) => onEndpoint(among('endpoints.host_name_lower', lower(names)))),
    ...given(search.domains, (domains) => onEndpoint(isLower('domain', domains))),
    ...given(search.agentVersions, (versions) => onEndpoint(isLower('agent_version', versions))),
  ];
}

/** Neither column has an index, and there are no more rows than endpoints. */
function isLower(column: keyof EndpointRow, values: readonly string[]): Condition {
  const lowered = lower(values).map((value) => sql`${value}`);
  return lowered.length === 0
    ? sql<SqlBool>`1 = 0`
    : sql<SqlBool>`lower(${sql.ref(`endpoints.${column}`)}) in (${sql.join(lowered)})`;
}

/** Undefined where every verb of each type is asked for, so that no action need be looked at. */
function verbsMissing(kinds: readonly EventKind[]): readonly EventKind[] | undefined {
  const byType = Map.groupBy(kinds, ({ type }) => type);
  const isWhole = (group: readonly EventKind[]) =>
    group.some(({ verb }) => verb === undefined) || new Set(group.map(({ verb }) => verb)).size === verbs.length;
  return [...byType.values()].every(isWhole) ? undefined : kinds;
}

function isOneOf({ dialect }: Session, builder: Builder, kinds: readonly EventKind[]): Condition {
  const byType = Map.groupBy(kinds, ({ type }) => type);
  return builder.or(
    [...byType].map(([type, group]) => {
      const asked = group.flatMap(({ verb }) => verb ?? []);
      const ofType = builder('events.type', '=', type);
      return asked.length < group.length
        ? ofType
        : builder.and([
            ofType,
            builder.exists(
              builder
                .selectFrom('actions')
                .select('actions.id')
                .whereRef('actions.id', '=', 'events.action_id')
                .where(dialect.among('actions.verb', asked)),
            ),
          ]);
    }),
  );
}

function isCausedByUser({ dialect }: Session, builder: Builder, names: readonly string[]): Condition {
  const isUser = builder('events.actor_kind', '=', 'user');
  const named = builder.and([isUser, dialect.among('events.actor_name', lower(names))]);
  return names.includes('') ? builder.or([named, builder('events.actor_kind', '!=', 'user')]) : named;
}

function hasFailed(builder: Builder, failed: boolean): Condition {
  const failure = builder.exists(
    builder
      .selectFrom('tasks')
      .innerJoin('outcomes', 'outcomes.task_id', 'tasks.id')
      .select('outcomes.task_id')
      .whereRef('tasks.action_id', '=', 'events.action_id')
      .whereRef('tasks.endpoint_id', '=', 'events.endpoint_id')
      .where('outcomes.outcome', 'not in', succeeded),
  );
  return builder.or([builder('events.type', '!=', 'task_finished'), failed ? failure : builder.not(failure)]);
}

function sorted(session: Session, query: EventQuery, { by, direction }: EventOrder): EventQuery {
  const way = direction === 'ascending' ? 'asc' : 'desc';
  if (by === 'at') {
    return query.orderBy('events.at', way);
  }
  if (by === 'domain' || by === 'agentVersion') {
    return query.orderBy(
      (builder) =>
        builder
          .selectFrom('endpoints')
          .select(by === 'domain' ? 'endpoints.domain' : 'endpoints.agent_version')
          .whereRef('endpoints.id', '=', 'events.endpoint_id'),
      way,
    );
  }
  return query.orderBy((builder) => rankOf(session, builder, by.ranks), way);
}

function rankOf(session: Session, builder: Builder, ranks: readonly (readonly EventKind[])[]): Expression<number> {
  const branches = ranks.map((kinds, rank) => sql`when ${isOneOf(session, builder, kinds)} then ${sql.lit(rank)}`);
  return branches.length === 0
    ? sql<number>`0`
    : sql<number>`case ${sql.join(branches, sql` `)} else ${sql.lit(ranks.length)} end`;
}

function given<Value>(value: Value | undefined, condition: (value: Value) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}

function lower(values: readonly string[]): string[] {
  return values.map((value) => value.toLowerCase());
}
