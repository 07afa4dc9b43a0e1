import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { describeIncidents, showMalop } from '../malops/show-malop.ts';
import { replyJson } from '../reply.ts';

const time = z.number().int().nonnegative();
const bodySchema = z.object({ startTime: time, endTime: time });
const mostShown = 1_000;

/** `POST /rest/detection/inbox`: the MalOps that began within a time, newest first, the first thousand. */
export const showMalopInbox: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/detection/inbox'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const body = checkShape(bodySchema, await readJson(request));
    if (!body.success) {
      throw new Fault('invalid_request', 'startTime and endTime must be milliseconds since 1970.', {
        details: { field: 'startTime' },
      });
    }
    const filter = { createdFrom: body.data.startTime, createdTo: body.data.endTime };
    const shown = await ports.store.read(async (reader) => {
      const { items } = await reader.incidents.list(filter, { offset: 0, limit: mostShown });
      return describeIncidents(reader, items);
    });
    const showing = { policy: ports.policy, now: ports.clock.now() };
    return replyJson({ malops: shown.map((whole) => showMalop(whole, showing)) });
  },
};
