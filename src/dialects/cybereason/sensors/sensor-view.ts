import type { Ports } from '#core/ports/ports.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { serverIdOf } from '../sensor-id.ts';
import type { SensorView } from './sensor.ts';

export async function openView(
  { policy, clock }: Pick<Ports, 'policy' | 'clock'>,
  reader: Pick<Reader, 'events'>,
): Promise<SensorView> {
  return { policy, serverId: await serverIdOf(reader), now: clock.now() };
}
