import type { EndpointCounts } from '#core/ports/store/endpoints.ts';

/** How many sensors are in which state, in the vendor's shape. */
export function statusOverview({ connected, disconnected, lost, archived }: EndpointCounts): object {
  return {
    '@class': '.SensorsStatusOverview',
    onlineCount: connected,
    offlineCount: disconnected,
    staleCount: lost,
    archivedCount: archived,
  };
}
