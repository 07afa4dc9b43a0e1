import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { demandIncident } from '#core/verbs/resolve-incident.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { describeIncidents } from '../malops/show-malop.ts';
import { showMalopDetails } from '../malops/show-malop-details.ts';
import { replyJson } from '../reply.ts';

const bodySchema = z.object({ malopGuid: z.string().min(1).max(100) });
const mostOfEach = 1_000;

/** `POST /rest/detection/details`: one MalOp with its machines, and its first thousand files, processes and comments. */
export const malopDetails: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/detection/details'],
  access: { permission: 'incidents.read', licence: [] },
  async run({ request, ports }) {
    const body = checkShape(bodySchema, await readJson(request));
    if (!body.success) {
      throw new Fault('invalid_request', 'malopGuid must be the GUID of a MalOp.', { details: { field: 'malopGuid' } });
    }
    const { malopGuid } = body.data;
    const shown = await ports.store.read(async (reader) => {
      const [whole] = await describeIncidents(reader, [await demandIncident(reader, malopGuid)], mostOfEach);
      return whole;
    });
    const showing = { policy: ports.policy, now: ports.clock.now() };
    return replyJson(shown === undefined ? null : showMalopDetails(shown, showing));
  },
};
