import type { CustodyEvent, NewEvent } from '#core/custody/event.ts';
import { readFacts, writeFacts } from '../json/event-facts.ts';
import type { EventRow } from '../schema.ts';

export function toEvent(row: EventRow): CustodyEvent {
  return {
    sequence: row.sequence,
    type: row.type,
    at: row.at,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    ...(row.action_id === null ? {} : { actionId: row.action_id }),
    ...(row.endpoint_id === null ? {} : { endpointId: row.endpoint_id }),
    ...(row.incident_id === null ? {} : { incidentId: row.incident_id }),
    facts: readFacts(row.facts_json),
  };
}

export function toEventRow(event: NewEvent & Pick<CustodyEvent, 'sequence'>): EventRow {
  return {
    sequence: event.sequence,
    type: event.type,
    at: event.at,
    actor_kind: event.actor.kind,
    actor_id: event.actor.id,
    actor_name: event.actor.name,
    action_id: event.actionId ?? null,
    endpoint_id: event.endpointId ?? null,
    facts_json: writeFacts(event.facts),
    incident_id: event.incidentId ?? null,
  };
}
