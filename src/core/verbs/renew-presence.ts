import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

export interface Presences {
  readonly endpointIds: readonly EndpointId[];
  /** Null when their connections have closed. */
  readonly connectedUntil: Milliseconds | null;
}

/** Renews or ends the lease on being connected, for many endpoints at once. */
export async function renewPresence(ports: Pick<Ports, 'store' | 'clock'>, request: Presences): Promise<void> {
  if (request.endpointIds.length === 0) {
    return;
  }
  const now = ports.clock.now();
  await ports.store.transact(({ endpoints }) => endpoints.markSeen(request.endpointIds, now, request.connectedUntil));
}
