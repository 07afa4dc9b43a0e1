import { z } from 'zod';
import type { CustodyEvent } from '#core/custody/event.ts';
import { instantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { listEvents } from '../schemas/event.ts';

const json = z.json();

export const listEventsOperation = guarded(
  listEvents,
  { permission: 'events.read', licence: [] },
  async ({ query: { after, type, actionId, endpointId, limit } }, { ports }) => {
    const filter = {
      ...(type && { types: type }),
      ...(actionId && { actionId }),
      ...(endpointId && { endpointId }),
    };
    const events = await ports.store.read((reader) => reader.events.list(filter, after, limit));
    return { items: events.map(show) };
  },
);

function show(event: CustodyEvent): z.input<typeof listEvents.reply>['items'][number] {
  const { sequence, type, at, actor, actionId, endpointId, facts } = event;
  return {
    sequence,
    type,
    at: instantOf(at),
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    actionId: actionId ?? null,
    endpointId: endpointId ?? null,
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, json.parse(value)])),
  };
}
