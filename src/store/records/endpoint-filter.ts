import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { lostAfter, type Presence, type Standing } from '#core/endpoint/presence.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import type { EndpointNameRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { containsPattern } from '../sql/like-pattern.ts';
import { lastScanIs } from './scan-rule.ts';

type Builder = ExpressionBuilder<Schema, 'endpoints'>;
type Condition = Expression<SqlBool>;

/** The conditions that an endpoint must meet, all of them; a filter that names nothing has none. */
export function endpointConditions(session: Session, filter: EndpointFilter, builder: Builder): Condition[] {
  const meets = (each: EndpointFilter) => builder.and(endpointConditions(session, each, builder));
  return [
    ...nameConditions(session, filter, builder),
    ...timeConditions(filter, builder),
    ...(filter.every ?? []).map(meets),
    ...(filter.without ?? []).map((each) => isNot(builder, meets(each))),
  ];
}

function nameConditions(session: Session, filter: EndpointFilter, builder: Builder): Condition[] {
  const { among, hasAny, likeAny } = session.dialect;
  return [
    given(filter.ids, (ids) => among('endpoints.id', ids)),
    given(filter.numbers, (numbers) => among('endpoints.number', numbers)),
    given(filter.hostNames, (names) => among('endpoints.host_name_lower', lower(names))),
    given(filter.hostNameContains, (parts) => likeAny('endpoints.host_name_lower', lower(parts).map(containsPattern))),
    given(filter.aliases, (aliases) => among('endpoints.alias_lower', lower(aliases))),
    given(filter.aliasContains, (parts) => likeAny('endpoints.alias_lower', lower(parts).map(containsPattern))),
    given(filter.tags, (tags) => hasAny('endpoints.tags_json', tags)),
    given(filter.platforms, (platforms) => among('endpoints.platform', platforms)),
    given(filter.addresses, (addresses) => hasName(session, builder, { kind: 'address', values: addresses })),
    given(filter.userNames, (users) => hasName(session, builder, { kind: 'user', values: users })),
    given(filter.userNameContains, (parts) => namedLike(session, builder, { kind: 'user', parts })),
  ].flat();
}

function timeConditions(filter: EndpointFilter, builder: Builder): Condition[] {
  return [
    given(filter.presence, ({ among, now }) => builder.or(among.map((presence) => isAt(builder, presence, now)))),
    given(filter.standing, ({ among, now }) => builder.or(among.map((standing) => stands(builder, standing, now)))),
    given(filter.enrolledFrom, (time) => builder('endpoints.enrolled_at', '>=', time)),
    given(filter.enrolledTo, (time) => builder('endpoints.enrolled_at', '<=', time)),
    given(filter.lastSeenFrom, (time) => builder('endpoints.last_seen', '>=', time)),
    given(filter.lastSeenTo, (time) => builder('endpoints.last_seen', '<=', time)),
    given(filter.lastScan, ({ among, now }) => lastScanIs(among, now)),
    given(filter.archived, (is) => builder('endpoints.archived_at', is ? 'is not' : 'is', null)),
    given(filter.revoked, (is) => builder('endpoints.revoked_at', is ? 'is not' : 'is', null)),
  ].flat();
}

interface Names {
  readonly kind: EndpointNameRow['kind'];
  readonly values: readonly string[];
}

function hasName({ dialect }: Session, builder: Builder, { kind, values }: Names): Condition {
  return named(builder, kind, dialect.among('endpoint_names.value_lower', lower(values)));
}

function namedLike(
  { dialect }: Session,
  builder: Builder,
  { kind, parts }: Pick<Names, 'kind'> & { readonly parts: readonly string[] },
): Condition {
  return named(builder, kind, dialect.likeAny('endpoint_names.value_lower', lower(parts).map(containsPattern)));
}

function named(builder: Builder, kind: Names['kind'], condition: Condition): Condition {
  const names = builder.selectFrom('endpoint_names').select('endpoint_names.endpoint_id');
  return builder('endpoints.id', 'in', names.where('endpoint_names.kind', '=', kind).where(condition));
}

/** What SQL does not know counts as not so. */
function isNot(builder: Builder, condition: Condition): Condition {
  return builder(builder.case().when(condition).then(1).else(0).end(), '=', 0);
}

/** The rule of `standingOf`, as SQL. */
function stands(builder: Builder, standing: Standing, now: Milliseconds): Condition {
  const isAside = builder.and([
    builder('endpoints.archived_at', 'is not', null),
    isNot(builder, isAt(builder, 'connected', now)),
  ]);
  const isRemoved = builder.or([builder('endpoints.revoked_at', 'is not', null), isAside]);
  return standing === 'removed' ? isRemoved : builder.and([isNot(builder, isRemoved), isAt(builder, standing, now)]);
}

/** The rule of `presenceOf`, as SQL. */
export function isAt(builder: Builder, presence: Presence, now: Milliseconds): Condition {
  const connected = builder('endpoints.connected_until', '>', now);
  const away = builder.or([
    builder('endpoints.connected_until', 'is', null),
    builder('endpoints.connected_until', '<=', now),
  ]);
  switch (presence) {
    case 'connected':
      return connected;
    case 'lost':
      return builder.and([away, builder('endpoints.last_seen', '<', now - lostAfter)]);
    case 'disconnected':
      return builder.and([away, builder('endpoints.last_seen', '>=', now - lostAfter)]);
  }
}

function given<Value>(value: Value | undefined, condition: (value: Value) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}

function lower(values: readonly string[]): string[] {
  return values.map((value) => value.toLowerCase());
}
