import type { Principal } from '../access/principal.ts';
import { lifetimeBounds, type SetLifetimes } from '../action/lifetimes.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { hour } from '../time.ts';
import { storedLifetimes } from './read-lifetimes.ts';

/**
 * Sets how long orders of these verbs wait for their endpoints, from now on and in every dialect; other verbs stay as they are,
 * and so do orders that were given before.
 * @throws Fault `invalid_request` for less than an hour or more than 30 days.
 */
export async function changeLifetimes(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  changes: SetLifetimes,
): Promise<void> {
  for (const [verb, lifetime] of Object.entries(changes)) {
    demandWithinBounds(verb, lifetime);
  }
  await store.transact(async (transaction) => {
    const before = await storedLifetimes(transaction);
    const changed = Object.entries(changes).filter(([verb, lifetime]) => Reflect.get(before, verb) !== lifetime);
    if (changed.length === 0) {
      return;
    }
    await transaction.settings.put('action_lifetimes', { ...before, ...changes });
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { setting: 'action_lifetimes', changed: Object.fromEntries(changed), before: { ...before } };
    await transaction.events.append([{ type: 'settings_changed', at: clock.now(), actor, facts }]);
  });
}

function demandWithinBounds(verb: string, lifetime: number): void {
  const { least, most } = lifetimeBounds;
  if (!Number.isSafeInteger(lifetime) || lifetime < least || lifetime > most) {
    throw new Fault('invalid_request', `${verb}: must be from ${least / hour} to ${most / hour} hours`, {
      details: { field: verb },
    });
  }
}
