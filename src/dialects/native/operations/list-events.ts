import { eventFilterOf } from '../event-filter.ts';
import { guarded } from '../operation.ts';
import { listEvents } from '../schemas/event.ts';
import { showEvent } from '../show-event.ts';

export const listEventsOperation = guarded(
  listEvents,
  { permission: 'events.read', licence: [] },
  async ({ query: { after, before, direction, from, to, limit, ...asked } }, { ports }) => {
    const filter = {
      ...eventFilterOf(asked),
      ...(before !== undefined && { upTo: before - 1 }),
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
    };
    const events = await ports.store.read(({ events: record }) =>
      direction === 'ascending' ? record.list(filter, after, limit) : record.latest(filter, after, limit),
    );
    return { items: events.map(showEvent) };
  },
);
