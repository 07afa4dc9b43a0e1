import type { CustodyEvent } from '#sdk/follow-events.ts';

/** Whether what is shown of an event is what is hashed: a leaf is one line of JSON, a list of its fields. */
export function isSameEvent(leaf: string, event: CustodyEvent): boolean {
  const fields: unknown = JSON.parse(leaf);
  if (!Array.isArray(fields)) {
    return false;
  }
  const [, sequence, type, at, kind, id, name, actionId, endpointId, incidentId, facts]: readonly unknown[] = fields;
  const { actor } = event;
  return (
    sameJson([sequence, type, at], [event.sequence, event.type, Date.parse(event.at)]) &&
    sameJson([kind, id, name], [actor.kind, actor.id, actor.name]) &&
    sameJson([actionId, endpointId, incidentId], [event.actionId, event.endpointId, event.incidentId]) &&
    typeof facts === 'string' &&
    sameJson(JSON.parse(facts), event.facts)
  );
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

/** Of objects, the order of names means nothing. */
function sorted(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;
}
