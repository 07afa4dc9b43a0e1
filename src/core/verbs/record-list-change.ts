import type { Principal } from '../access/principal.ts';
import type { NewEvent } from '../custody/event.ts';
import type { IncidentId } from '../incident/incident-id.ts';
import type { EventWriter } from '../ports/store/events.ts';
import type { Milliseconds } from '../time.ts';

export interface ListChange {
  readonly actor: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly at: Milliseconds;
  /** Those whose entry has changed. */
  readonly hashes: readonly string[];
  readonly incidentId?: IncidentId | undefined;
  readonly facts: NewEvent['facts'];
}

/** What one event names at most; a longer list is told in several. */
const hashesPerEvent = 500;

/** Writes nothing where nothing has changed. */
export async function recordListChange(events: EventWriter, change: ListChange): Promise<void> {
  const { at, hashes, facts, incidentId } = change;
  const { kind, id, name } = change.actor;
  const told: NewEvent[] = [];
  for (let from = 0; from < hashes.length; from += hashesPerEvent) {
    const named = hashes.slice(from, from + hashesPerEvent);
    told.push({
      ...{ type: 'list_changed', at, actor: { kind, id, name } },
      ...(incidentId !== undefined && { incidentId }),
      facts: { ...facts, hashes: named },
    });
  }
  await events.append(told);
}
