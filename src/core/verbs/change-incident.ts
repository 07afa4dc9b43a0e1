import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Incident } from '../incident/incident.ts';
import { isResolved } from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { longestComment } from './comment-on-incident.ts';
import { demandText } from './create-incident.ts';
import { demandIncident } from './resolve-incident.ts';

export type IncidentChanges = Partial<
  Pick<
    Incident,
    'name' | 'description' | 'severity' | 'manualSeverity' | 'status' | 'assignedTo' | 'resolveComment' | 'starred'
  >
>;

export interface ChangeOfIncident {
  /** Its id, or its GUID in either spelling. */
  readonly incident: string;
  readonly changes: IncidentChanges;
}

/**
 * Changes what is given of an incident. What is so already changes nothing, and is no event.
 * @throws Fault `not_found`, `invalid_request`
 */
export async function changeIncident(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  change: ChangeOfIncident,
): Promise<Incident> {
  demandChanges(change);
  return ports.store.transact((transaction) => changeWithin(transaction, { by, change, now: ports.clock.now() }));
}

/** The same for several: all of them change, or none. */
export async function changeIncidents(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  changes: readonly ChangeOfIncident[],
): Promise<void> {
  for (const change of changes) {
    demandChanges(change);
  }
  await ports.store.transact(async (transaction) => {
    for (const change of changes) {
      await changeWithin(transaction, { by, change, now: ports.clock.now() });
    }
  });
}

/** @throws Fault `invalid_request` */
export function demandChanges({ changes }: ChangeOfIncident): void {
  demandText('resolveComment', changes.resolveComment ?? '', longestComment);
  if (changes.name?.trim() === '') {
    throw new Fault('invalid_request', 'An incident has a name.', { details: { field: 'name' } });
  }
}

interface Changing {
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly change: ChangeOfIncident;
  readonly now: Milliseconds;
}

/** Within the caller's transaction. @throws Fault `not_found` */
export async function changeWithin(transaction: Transaction, { by, change, now }: Changing): Promise<Incident> {
  const before = await demandIncident(transaction, change.incident);
  const changed = changesTo(before, change.changes);
  if (Object.keys(changed).length === 0) {
    return before;
  }
  const after = { ...before, ...changed, updatedAt: now, resolvedAt: resolvedAt(before, changed, now) };
  await transaction.incidents.update(after);
  await transaction.events.append([
    { type: 'incident_changed', at: now, actor: by, incidentId: before.id, facts: changed },
  ]);
  return after;
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
