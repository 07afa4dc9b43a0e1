import { isEndpointNumber } from '#core/endpoint/endpoint-id.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Milliseconds } from '#core/time.ts';
import { guarded } from '../operation.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import { listEndpoints } from '../schemas/endpoint.ts';
import { showEndpoints } from '../show-endpoint.ts';

type Query = CheckedInput<typeof listEndpoints>['query'];

export const listEndpointsOperation = guarded(
  listEndpoints,
  { permission: 'endpoints.read', licence: [] },
  async ({ query }, { ports }) => {
    const now = ports.clock.now();
    const { order: by, direction, offset, limit } = query;
    const filter = { ...textsOf(query), ...standsOf(query, now), ...timesOf(query) };
    return ports.store.read(
      async (reader) => {
        const { items, total } = await reader.endpoints.list(filter, { by, direction }, { offset, limit });
        return { items: await showEndpoints(reader, items, now), total };
      },
      { search: true },
    );
  },
);

function textsOf(query: Query): EndpointFilter {
  return {
    ...(query.id && { ids: query.id }),
    ...(query.number && { numbers: query.number.filter(isEndpointNumber) }),
    ...(query.hostName && { hostNames: query.hostName }),
    ...(query.hostNameContains && { hostNameContains: query.hostNameContains }),
    ...(query.alias && { aliases: query.alias }),
    ...(query.aliasContains && { aliasContains: query.aliasContains }),
    ...(query.address && { addresses: query.address }),
    ...(query.user && { userNames: query.user }),
    ...(query.userContains && { userNameContains: query.userContains }),
    ...(query.tag && { tags: query.tag }),
  };
}

function standsOf(query: Query, now: Milliseconds): EndpointFilter {
  return {
    ...(query.platform && { platforms: query.platform }),
    ...(query.presence && { presence: { among: query.presence, now } }),
    ...(query.lastScan && { lastScan: { among: query.lastScan, now } }),
    ...(query.archived && { archived: query.archived === 'true' }),
    ...(query.revoked && { revoked: query.revoked === 'true' }),
  };
}

function timesOf(query: Query): EndpointFilter {
  return {
    ...(query.enrolledFrom && { enrolledFrom: Date.parse(query.enrolledFrom) }),
    ...(query.enrolledTo && { enrolledTo: Date.parse(query.enrolledTo) }),
    ...(query.lastSeenFrom && { lastSeenFrom: Date.parse(query.lastSeenFrom) }),
    ...(query.lastSeenTo && { lastSeenTo: Date.parse(query.lastSeenTo) }),
  };
}
