import { z } from 'zod';
import type { CustodyEvent } from '#core/custody/event.ts';
import { instantOf } from './instant.ts';
import type { custodyEvent } from './schemas/event.ts';

const json = z.json();

export function showEvent(event: CustodyEvent): z.input<typeof custodyEvent> {
  const { sequence, type, at, actor, actionId, endpointId, incidentId, facts } = event;
  return {
    sequence,
    type,
    at: instantOf(at),
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    actionId: actionId ?? null,
    endpointId: endpointId ?? null,
    incidentId: incidentId ?? null,
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, json.parse(value)])),
  };
}
