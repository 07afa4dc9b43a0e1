import type { Principal } from '../access/principal.ts';
import type { StopSwitch } from '../guard/emergency-stop.ts';
import type { Ports } from '../ports/ports.ts';
import { storedStop } from './read-emergency-stop.ts';

/**
 * Halts what takes files and what deletes them, in the whole fleet (promise P79): orders are recorded and wait, agents begin none
 * that they have, and no next file. One that is engaged stays as it was, with its reason.
 */
export async function engageEmergencyStop(
  { store, clock, doorbell }: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  reason: string,
): Promise<StopSwitch> {
  const engagedAt = clock.now();
  const after = await store.transact(async (transaction) => {
    const before = await storedStop(transaction);
    if (before.stop !== null) {
      return before;
    }
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const stop = { engagedAt, by: actor, reason: reason.toWellFormed() };
    const engaged = { revision: before.revision + 1, stop };
    await transaction.settings.put('emergency_stop', engaged);
    const facts = { reason: stop.reason };
    await transaction.events.append([{ type: 'emergency_stop_engaged', at: engagedAt, actor, facts }]);
    return engaged;
  });
  doorbell.stopChanged();
  return after;
}
