import type { SelectQueryBuilder } from 'kysely';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { EventFilter } from '#core/ports/store/events.ts';
import type { EventRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';

type EventQuery = SelectQueryBuilder<Schema, 'events', EventRow>;

export interface EventPlace {
  /** A sequence number; 0 for all. */
  readonly after: number;
  readonly limit: number;
  /** Default: ascending. */
  readonly direction?: 'ascending' | 'descending';
}

/** By their numbers: the rows that the filter leaves. */
export function eventRows(
  { db, dialect }: Session,
  filter: EventFilter,
  { after, limit, direction = 'ascending' }: EventPlace,
): Promise<readonly EventRow[]> {
  const { aboutEndpoint } = filter;
  let query = db.selectFrom('events').selectAll().where('sequence', '>', after);
  if (filter.types !== undefined) {
    query = query.where(dialect.among('events.type', filter.types));
  }
  if (filter.upTo !== undefined) {
    query = query.where('sequence', '<=', filter.upTo);
  }
  query = causedWithin(query, filter);
  if (filter.actionId !== undefined) {
    query = query.where('action_id', '=', filter.actionId);
  }
  if (filter.actionIds !== undefined) {
    query = query.where(dialect.among('events.action_id', filter.actionIds));
  }
  if (filter.endpointId !== undefined) {
    query = query.where('endpoint_id', '=', filter.endpointId);
  }
  if (aboutEndpoint !== undefined) {
    query = query.where(({ or, eb }) => or([eb('endpoint_id', 'is', null), eb('endpoint_id', '=', aboutEndpoint)]));
  }
  if (filter.incidentId !== undefined) {
    query = underIncident(query, filter.incidentId);
  }
  return query
    .orderBy('sequence', direction === 'ascending' ? 'asc' : 'desc')
    .limit(limit)
    .execute();
}

function causedWithin(query: EventQuery, { from, to, actorName }: EventFilter): EventQuery {
  const since = from === undefined ? query : query.where('at', '>=', from);
  const within = to === undefined ? since : since.where('at', '<=', to);
  return actorName === undefined ? within : within.where('actor_name', '=', actorName);
}

/** Two searches put together: PostgreSQL would read every event there is to judge one by either of two things. */
function underIncident(query: EventQuery, id: IncidentId): EventQuery {
  const ofIncident = query.where('incident_id', '=', id);
  const ofActions = query
    .where('action_id', 'in', (builder) =>
      builder.selectFrom('actions').select('actions.id').where('actions.incident_id', '=', id),
    )
    .where(({ or, eb }) => or([eb('incident_id', 'is', null), eb('incident_id', '!=', id)]));
  return ofIncident.unionAll(ofActions);
}
