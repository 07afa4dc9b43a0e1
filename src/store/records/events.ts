import type { SelectQueryBuilder } from 'kysely';
import type { IncidentId } from '#core/incident/incident-id.ts';
import type { EventFilter, EventReader, EventWriter } from '#core/ports/store/events.ts';
import type { EventRow, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkTemplate, runBulk } from '../sql/bulk.ts';
import { toEvent, toEventRow } from './event-row.ts';
import { eventSearch } from './event-search.ts';
import { growLedger, sealedUpTo } from './ledger.ts';

type EventQuery = SelectQueryBuilder<Schema, 'events', EventRow>;

function causedWithin(query: EventQuery, { from, to, actorName }: EventFilter): EventQuery {
  const since = from === undefined ? query : query.where('at', '>=', from);
  const within = to === undefined ? since : since.where('at', '<=', to);
  return actorName === undefined ? within : within.where('actor_name', '=', actorName);
}

export function eventReader(session: Session): EventReader {
  const { db, dialect } = session;
  return {
    ...eventSearch(session),
    async list(filter, after, limit) {
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
      if (filter.endpointId !== undefined) {
        query = query.where('endpoint_id', '=', filter.endpointId);
      }
      if (filter.incidentId !== undefined) {
        query = underIncident(query, filter.incidentId);
      }
      return (await query.orderBy('sequence').limit(limit).execute()).map(toEvent);
    },
    async first() {
      const row = await db.selectFrom('events').selectAll().orderBy('sequence').limit(1).executeTakeFirst();
      return row && toEvent(row);
    },
    async lastSequence() {
      const query = db.selectFrom('events').select('sequence').orderBy('sequence', 'desc').limit(1);
      return (await query.executeTakeFirst())?.sequence ?? 0;
    },
  };
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

export function eventWriter(session: Session): EventWriter {
  const reader = eventReader(session);
  return {
    ...reader,
    async append(events) {
      // Writers run one after the other, so nobody else can take these numbers before the commit.
      const frontier = await sealedUpTo(session, await reader.lastSequence());
      const start = frontier.size + 1;
      const rows = events.map((event, index) => toEventRow({ ...event, sequence: start + index }));
      await runBulk(session, insertEvents, rows);
      await growLedger(session, frontier, rows);
    },
  };
}

const insertEvents = bulkTemplate<EventRow>((session, rows) => session.db.insertInto('events').values(rows));
