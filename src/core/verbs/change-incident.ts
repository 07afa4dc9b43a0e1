import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Incident } from '../incident/incident.ts';
import { isResolved } from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import { demandIncident } from './resolve-incident.ts';

export type IncidentChanges = Partial<Pick<Incident, 'name' | 'description' | 'severity' | 'status' | 'assignedTo'>>;

/**
 * Changes what is given of an incident, named by its id or GUID. What is so already changes nothing, and is no event.
 * @throws Fault `not_found`, `invalid_request`
 */
export async function changeIncident(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  { incident: named, changes }: { readonly incident: string; readonly changes: IncidentChanges },
): Promise<Incident> {
  if (changes.name?.trim() === '') {
    throw new Fault('invalid_request', 'An incident has a name.', { details: { field: 'name' } });
  }
  const now = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const before = await demandIncident(transaction, named);
    const changed = changesTo(before, changes);
    if (Object.keys(changed).length === 0) {
      return before;
    }
    const after = { ...before, ...changed, updatedAt: now, resolvedAt: resolvedAt(before, changed, now) };
    await transaction.incidents.update(after);
    await transaction.events.append([
      { type: 'incident_changed', at: now, actor: by, incidentId: before.id, facts: changed },
    ]);
    return after;
  });
}

function changesTo(before: Incident, changes: IncidentChanges): IncidentChanges {
  const fields = Object.keys(changes) as (keyof IncidentChanges)[];
  const differing = fields.filter((field) => changes[field] !== undefined && changes[field] !== before[field]);
  return Object.fromEntries(differing.map((field) => [field, changes[field]]));
}

function resolvedAt(before: Incident, { status }: IncidentChanges, now: number): number | null {
  if (status === undefined) {
    return before.resolvedAt;
  }
  return isResolved(status) ? now : null;
}
