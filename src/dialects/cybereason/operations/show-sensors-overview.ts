import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { statusOverview } from '../sensors/status-overview.ts';

/** `GET /rest/sensors/overview`: how many sensors there are of each state. */
export const showSensorsOverview: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/overview'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ ports }) {
    const now = ports.clock.now();
    const counts = await ports.store.read(({ endpoints }) => endpoints.count({ revoked: false }, now), {
      search: true,
    });
    return replyJson(statusOverview(counts));
  },
};
