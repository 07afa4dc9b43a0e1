import { day, type Milliseconds } from '../time.ts';
import type { Endpoint } from './endpoint.ts';

export type Presence = 'connected' | 'disconnected' | 'lost';

/** What is known of where an endpoint is; one that was removed, or put aside and is not there, is nowhere any more. */
export type Standing = Presence | 'removed';

/** An endpoint that has been silent for this long is lost (Cortex XDR's own default). */
export const lostAfter = 30 * day;

/** Derived from facts and the clock, never stored. */
export function presenceOf(endpoint: Pick<Endpoint, 'connectedUntil' | 'lastSeen'>, now: Milliseconds): Presence {
  if (endpoint.connectedUntil !== null && endpoint.connectedUntil > now) {
    return 'connected';
  }
  return now - endpoint.lastSeen > lostAfter ? 'lost' : 'disconnected';
}

/** Derived, as `presenceOf` is. One that is connected is never hidden, although somebody put it aside. */
export function standingOf(
  endpoint: Pick<Endpoint, 'connectedUntil' | 'lastSeen' | 'revokedAt' | 'archivedAt'>,
  now: Milliseconds,
): Standing {
  const presence = presenceOf(endpoint, now);
  const isAside = endpoint.archivedAt !== null && presence !== 'connected';
  return endpoint.revokedAt !== null || isAside ? 'removed' : presence;
}
