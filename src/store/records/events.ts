import type { EventReader, EventWriter } from '#core/ports/store/events.ts';
import type { EventRow } from '../schema.ts';
import type { Session } from '../session.ts';
import { bulkStatements, bulkTemplate } from '../sql/bulk.ts';
import { toEvent, toEventRow } from './event-row.ts';
import { eventRows } from './event-rows.ts';
import { eventSearch } from './event-search.ts';
import { growthOf, sealedFrontier } from './ledger.ts';

export function eventReader(session: Session): EventReader {
  const { db } = session;
  return {
    ...eventSearch(session),
    async list(filter, after, limit) {
      return (await eventRows(session, filter, { after, limit })).map(toEvent);
    },
    async latest(filter, after, limit) {
      return (await eventRows(session, filter, { after, limit, direction: 'descending' })).map(toEvent);
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

export function eventWriter(session: Session): EventWriter {
  return {
    ...eventReader(session),
    async append(events) {
      if (events.length === 0) {
        return;
      }
      // Writers run one after the other, so nobody else can take these numbers before the commit.
      const frontier = await sealedFrontier(session);
      const start = frontier.size + 1;
      const rows = events.map((event, index) => toEventRow({ ...event, sequence: start + index }));
      await session.run([...bulkStatements(session, insertEvents, rows), ...growthOf(session, frontier, rows)]);
      session.eventsAppended();
    },
  };
}

const insertEvents = bulkTemplate<EventRow>((session, rows) => session.db.insertInto('events').values(rows));
