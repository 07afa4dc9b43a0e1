import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { type EvidenceRetention, storedRetention } from './read-retention.ts';

/** A hundred years: beyond it, for ever is meant. */
const mostDays = 36_500;

/**
 * Sets how long evidence is kept, what was fetched before included. What incidents on hold keep stays whatever is set.
 * @throws Fault `invalid_request` for less than a day, or more than a hundred years.
 */
export async function changeRetention(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  { days }: EvidenceRetention,
): Promise<EvidenceRetention> {
  if (days !== null && !(Number.isSafeInteger(days) && days >= 1 && days <= mostDays)) {
    const message = `days: must be a whole number from 1 to ${mostDays}, or null for ever`;
    throw new Fault('invalid_request', message, { details: { field: 'days' } });
  }
  await store.transact(async (transaction) => {
    const before = await storedRetention(transaction);
    if (before.days === days) {
      return;
    }
    await transaction.settings.put('evidence_retention', { days });
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { setting: 'evidence_retention', changed: { days }, before: { days: before.days } };
    await transaction.events.append([{ type: 'settings_changed', at: clock.now(), actor, facts }]);
  });
  return { days };
}
