import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { IncidentHold } from '../incident/incident.ts';
import type { Ports } from '../ports/ports.ts';
import { demandReason } from './demand-reason.ts';
import { demandIncident } from './resolve-incident.ts';

export interface HoldOfIncident {
  /** Its id, or its GUID in either spelling. */
  readonly incident: string;
  readonly reason: string;
}

/**
 * Puts an incident on hold: no evidence that was fetched for it, or that is about it, is deleted until it is released. One that is on
 * hold stays as it was held, and nothing is recorded.
 * @throws Fault `not_found`, `invalid_request`
 */
export async function holdIncident(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { kind, id, name }: Pick<Principal, 'kind' | 'id' | 'name'>,
  { incident: named, reason }: HoldOfIncident,
): Promise<IncidentHold> {
  demandReason(reason);
  const at = clock.now();
  return store.transact(async (transaction) => {
    const incident = await demandIncident(transaction, named);
    const hold = { incidentId: incident.id, reason, at, by: { kind, id, name } };
    if (!(await transaction.incidents.hold(hold))) {
      return (await transaction.incidents.holdsOf([incident.id])).get(incident.id) ?? hold;
    }
    await transaction.events.append([
      { type: 'incident_held', at, actor: hold.by, incidentId: incident.id, facts: { reason } },
    ]);
    return hold;
  });
}

/**
 * Releases an incident: what only it kept may be deleted from now on, by age or by a person.
 * @throws Fault `not_found`, `conflict` when it is not on hold, `invalid_request`
 */
export async function releaseIncident(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { kind, id, name }: Pick<Principal, 'kind' | 'id' | 'name'>,
  { incident: named, reason }: HoldOfIncident,
): Promise<void> {
  demandReason(reason);
  await store.transact(async (transaction) => {
    const incident = await demandIncident(transaction, named);
    if (!(await transaction.incidents.release(incident.id))) {
      throw new Fault('conflict', `Incident ${incident.id} is not on hold.`, { details: { what: 'incident' } });
    }
    const actor = { kind, id, name };
    await transaction.events.append([
      { type: 'incident_released', at: clock.now(), actor, incidentId: incident.id, facts: { reason } },
    ]);
  });
}
