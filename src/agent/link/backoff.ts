import type { Random } from '#core/ports/random.ts';
import type { Milliseconds } from '#core/time.ts';
import { reconnect } from '#wire/limits.ts';

/**
 * How long to wait before the next attempt: capped exponential growth with full jitter, so that a fleet that lost its
 * server at one moment does not come back at one moment. `failures` counts from 1; `atLeast` is the server's own hint.
 */
export function backoff(failures: number, random: Random, atLeast: Milliseconds = 0): Milliseconds {
  const ceiling = Math.min(reconnect.longest, reconnect.first * 2 ** Math.min(failures - 1, 20));
  return atLeast + Math.round(random.fraction() * ceiling);
}
