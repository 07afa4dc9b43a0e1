import { guarded } from '../operation.ts';
import { countEndpoints } from '../schemas/endpoint.ts';

export const countEndpointsOperation = guarded(
  countEndpoints,
  { permission: 'endpoints.read', licence: [] },
  async (_, { ports }) => {
    const now = ports.clock.now();
    return ports.store.read(({ endpoints }) => endpoints.count({ revoked: false }, now), { search: true });
  },
);
