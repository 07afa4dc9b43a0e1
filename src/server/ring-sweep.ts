import type { Ports } from '#core/ports/ports.ts';
import { second } from '#core/time.ts';
import { advanceRings } from '#core/verbs/advance-rings.ts';
import { repeat } from './periodic.ts';

const pause = 2 * second;

/** Looks again and again at orders that go out by rings. @returns what stops it */
export function sweepRings(ports: Pick<Ports, 'store' | 'clock' | 'policy' | 'log' | 'doorbell'>): () => Promise<void> {
  const heardSince = ports.clock.now();
  return repeat(ports, pause, () => advanceRings(ports, heardSince));
}
