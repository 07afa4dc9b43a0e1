import { checkShape } from '../check-shape.ts';
import { Fault } from '../fault.ts';
import { type StopSwitch, stopSwitchSchema } from '../guard/emergency-stop.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';

/** Whether what takes and deletes is stopped now, on every server of this store. */
export function readEmergencyStop({ store }: Pick<Ports, 'store'>): Promise<StopSwitch> {
  return store.read(storedStop);
}

/**
 * As `readEmergencyStop`, among what the caller reads.
 * @throws Fault `internal` for what cannot be read: then nobody knows whether orders may leave.
 */
export async function storedStop({ settings }: Pick<Reader, 'settings'>): Promise<StopSwitch> {
  const stored = await settings.byName('emergency_stop');
  const parsed = checkShape(stopSwitchSchema, stored ?? { revision: 0, stop: null });
  if (!parsed.success) {
    throw new Fault('internal', 'The emergency stop in the store cannot be read.', { cause: parsed.error });
  }
  return parsed.data;
}
