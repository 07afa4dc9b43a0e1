import type { GuardedOperation } from '../../dialect.ts';
import { readJsonIfAny } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { demandObject } from '../sensors/list-request.ts';
import { wrong } from '../sensors/sensor-filter.ts';
import { openView } from '../sensors/sensor-view.ts';
import { byIds } from '../sensors/targets.ts';

/**
 * `POST /rest/monitor/global/commands/isolate` and `un-isolate`: no agent can cut a machine off its network, and a responder
 * must not believe that one is. Every machine that is known has `Failed`, in clients' eyes anything but a success. Nothing is
 * changed, so that whoever may see endpoints may hear it.
 */
export const isolateMachines: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/monitor/global/commands/isolate', '/rest/monitor/global/commands/un-isolate'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ request, ports }) {
    const { pylumIds } = demandObject(await readJsonIfAny(request));
    if (!Array.isArray(pylumIds) || !pylumIds.every((id) => typeof id === 'string')) {
      throw wrong('pylumIds', 'pylumIds must be a list of the pylum ids of sensors.');
    }
    const asked: readonly string[] = pylumIds;
    const { known } = await ports.store.read(async (reader) => byIds(reader, await openView(ports, reader), asked));
    return replyJson(Object.fromEntries(asked.map((id) => [id, known.has(id) ? 'Failed' : 'UnknownProbe'])));
  },
};
