import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { wholeNumberText } from '#core/whole-number.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { moment } from '../malops/moment.ts';
import { describeEach, showMalop } from '../malops/show-malop.ts';
import { everyPage } from '../query/every-page.ts';
import { replyJson } from '../reply.ts';

const time = z.union([moment, wholeNumberText]);
const bodySchema = z.object({ startTime: time, endTime: time });
const mostShown = 10_000;

/**
 * `POST /rest/detection/inbox`: the MalOps that were opened or changed within a time, newest first. All of them or a refusal: clients
 * go on from the newest that they got, so that what is left out here would be lost to them.
 */
export const showMalopInbox: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/detection/inbox'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const body = checkShape(bodySchema, await readJson(request));
    if (!body.success) {
      throw new Fault('invalid_request', 'startTime and endTime must be milliseconds since 1970.', {
        details: { field: String(body.error.issues[0]?.path[0] ?? 'startTime') },
      });
    }
    const filter = { updatedFrom: Math.ceil(body.data.startTime), createdTo: Math.floor(body.data.endTime) };
    const showing = { policy: ports.policy, now: ports.clock.now() };
    const malops = await ports.store.read(
      async (reader) => {
        const incidents = await everyPage('MalOps', mostShown, (page) => reader.incidents.list(filter, page));
        return describeEach(reader, incidents, (whole) => showMalop(whole, showing));
      },
      { search: true },
    );
    return replyJson({ malops });
  },
};
