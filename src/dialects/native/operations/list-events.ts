import { eventFilterOf } from '../event-filter.ts';
import { guarded } from '../operation.ts';
import { listEvents } from '../schemas/event.ts';
import { showEvent } from '../show-event.ts';

export const listEventsOperation = guarded(
  listEvents,
  { permission: 'events.read', licence: [] },
  async ({ query: { after, from, to, limit, ...asked } }, { ports }) => {
    const filter = {
      ...eventFilterOf(asked),
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
    };
    const events = await ports.store.read((reader) => reader.events.list(filter, after, limit));
    return { items: events.map(showEvent) };
  },
);
