import { guarded } from '../operation.ts';
import { listEvents } from '../schemas/event.ts';
import { showEvent } from '../show-event.ts';

export const listEventsOperation = guarded(
  listEvents,
  { permission: 'events.read', licence: [] },
  async ({ query: { after, type, actionId, endpointId, actor, from, to, limit } }, { ports }) => {
    const filter = {
      ...(type && { types: type }),
      ...(actionId && { actionId }),
      ...(endpointId && { endpointId }),
      ...(actor !== undefined && { actorName: actor }),
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
    };
    const events = await ports.store.read((reader) => reader.events.list(filter, after, limit));
    return { items: events.map(showEvent) };
  },
);
