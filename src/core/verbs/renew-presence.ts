import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

export interface Presences {
  readonly endpointIds: readonly EndpointId[];
  /** Null when their connections have closed. */
  readonly connectedUntil: Milliseconds | null;
}

/**
 * Renews or ends the lease on being connected, for many endpoints at once.
 * @returns those that were revoked, and have to go.
 */
export async function renewPresence(
  ports: Pick<Ports, 'store' | 'clock'>,
  { endpointIds, connectedUntil }: Presences,
): Promise<readonly EndpointId[]> {
  if (endpointIds.length === 0) {
    return [];
  }
  const now = ports.clock.now();
  return ports.store.transact(async ({ endpoints }) => {
    const revoked = new Set(await endpoints.revokedAmong(endpointIds));
    const welcome = endpointIds.filter((id) => !revoked.has(id));
    await endpoints.markSeen(welcome, now, connectedUntil);
    return [...revoked];
  });
}
