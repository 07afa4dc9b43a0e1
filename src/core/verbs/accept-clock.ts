import type { Principal } from '../access/principal.ts';
import type { ClockDoubt } from '../ports/clock-guard.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * Somebody says that the clock of this server's machine is right. What is overdue by it expires from now on.
 * @returns the doubt that this ends; undefined where the clock was believed: then nothing happens.
 */
export async function acceptClock(
  { store, clock, clockGuard }: Pick<Ports, 'store' | 'clock' | 'clockGuard'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  reason: string,
): Promise<ClockDoubt | undefined> {
  const doubt = clockGuard.doubt();
  if (doubt === undefined) {
    return undefined;
  }
  const actor = { kind: by.kind, id: by.id, name: by.name };
  const facts = { reason: reason.toWellFormed(), kind: doubt.kind, ahead: doubt.ahead };
  // First, so that no clock is accepted of which there is no record.
  await store.transact(({ events }) => events.append([{ type: 'clock_accepted', at: clock.now(), actor, facts }]));
  return clockGuard.accept();
}
