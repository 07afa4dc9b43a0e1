import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { GatewayPorts } from './gateway-ports.ts';
import type { Hub } from './hub.ts';

/** Parts for good from those of these endpoints that were revoked while they were connected. @returns the revoked ones */
export async function endRevoked(
  { store, log }: Pick<GatewayPorts, 'store' | 'log'>,
  hub: Hub,
  ids: readonly EndpointId[],
): Promise<readonly EndpointId[]> {
  if (ids.length === 0) {
    return [];
  }
  const revoked = await store.read(({ endpoints }) => endpoints.revokedAmong(ids));
  partFrom({ log }, hub, revoked);
  return revoked;
}

/** Parts for good from endpoints that were revoked. */
export function partFrom({ log }: Pick<GatewayPorts, 'log'>, hub: Hub, revoked: readonly EndpointId[]): void {
  for (const id of revoked) {
    const session = hub.get(id);
    if (session !== undefined) {
      log.warn('The connection of an endpoint that was revoked is ended.', { endpointId: id });
      session.refuse({ why: 'This endpoint was revoked.', retryAfter: 0, final: true });
    }
  }
}
