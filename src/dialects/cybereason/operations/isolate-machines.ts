import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { findSensors } from '../sensors/find-sensors.ts';
import { wrong } from '../sensors/sensor-request.ts';

/** One client names a sensor twice when it finds it by name and by address, and sends an empty list when it finds none. */
const bodySchema = z.object({ pylumIds: z.array(z.string().max(1_000)).max(30_000) });

/**
 * `POST /rest/monitor/global/commands/isolate` and `un-isolate`: no agent can cut a machine off the network, and the answer says so
 * for every one; nothing is done, and nothing looks as if it were.
 */
export const isolateMachines: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/monitor/global/commands/isolate', '/rest/monitor/global/commands/un-isolate'],
  access: { permission: 'endpoints.manage', licence: [] },
  async run({ request, ports }) {
    const body = checkShape(bodySchema, await readJson(request));
    if (!body.success) {
      throw wrong('pylumIds', 'must be a list of the pylumIds of sensors');
    }
    const found = await ports.store.read((reader) => findSensors(reader, ports, []), { search: true });
    const known = new Set(found.map(({ sensor }) => sensor['pylumId']));
    const states = [...new Set(body.data.pylumIds)].map((id) => [id, known.has(id) ? 'NotSupported' : 'UnknownProbe']);
    return replyJson(Object.fromEntries(states));
  },
};
