import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import { guarded } from '../operation.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import { listEndpoints } from '../schemas/endpoint.ts';
import { showEndpoint } from '../show-endpoint.ts';

export const listEndpointsOperation = guarded(
  listEndpoints,
  { permission: 'endpoints.read', licence: [] },
  async ({ query }, { ports }) => {
    const now = ports.clock.now();
    const { order: by, direction, offset, limit } = query;
    const { items, total, copies } = await ports.store.read(async ({ endpoints, machines }) => {
      const listing = await endpoints.list(filterOf(query, now), { by, direction }, { offset, limit });
      return { ...listing, copies: await machines.copiesOf(listing.items.map(({ id }) => id)) };
    });
    return { items: items.map((endpoint) => showEndpoint(endpoint, copies, now)), total };
  },
);

function filterOf(query: CheckedInput<typeof listEndpoints>['query'], now: Milliseconds): EndpointFilter {
  return {
    ...(query.id && { ids: query.id }),
    ...(query.hostName && { hostNames: query.hostName }),
    ...(query.hostNameContains && { hostNameContains: query.hostNameContains }),
    ...(query.alias && { aliases: query.alias }),
    ...(query.address && { addresses: query.address }),
    ...(query.user && { userNames: query.user }),
    ...(query.platform && { platforms: query.platform }),
    ...(query.presence && { presence: { among: query.presence, now } }),
  };
}
