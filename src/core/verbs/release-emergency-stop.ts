import type { Principal } from '../access/principal.ts';
import type { StopSwitch } from '../guard/emergency-stop.ts';
import type { Ports } from '../ports/ports.ts';
import { storedStop } from './read-emergency-stop.ts';

/** Lets out again what waited, where its deadline has not passed. Nothing happens where nothing is stopped. */
export async function releaseEmergencyStop(
  { store, clock, doorbell }: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  reason: string,
): Promise<StopSwitch> {
  const at = clock.now();
  const after = await store.transact(async (transaction) => {
    const before = await storedStop(transaction);
    if (before.stop === null) {
      return before;
    }
    const released: StopSwitch = { revision: before.revision + 1, stop: null };
    await transaction.settings.put('emergency_stop', released);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const { engagedAt, by: whom } = before.stop;
    const facts = { reason: reason.toWellFormed(), engagedAt, engagedBy: whom.name };
    await transaction.events.append([{ type: 'emergency_stop_released', at, actor, facts }]);
    return released;
  });
  doorbell.stopChanged();
  return after;
}
