import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';

const mostGuids = 10_000;
/** The MalOps whose labels are asked for; none stands for all. */
const labelsSchema = z.array(z.string().max(256)).max(mostGuids);

/** Lists of what Custody does not have, and clients ask for on their way: empty ones are the truth, and 404 would stop them. */
export const emptyLists: readonly GuardedOperation[] = [
  {
    method: 'GET',
    paths: ['/rest/policies'],
    access: { permission: 'endpoints.read', licence: [] },
    run: async () => replyJson({ policies: [], totalResults: 0, hasMoreResults: false }),
  },
  {
    method: 'POST',
    paths: ['/rest/detection/labels'],
    access: { permission: 'incidents.read', licence: [] },
    async run({ request }) {
      if (!checkShape(labelsSchema, await readJson(request)).success) {
        const message = `The body must be a list of at most ${mostGuids} GUIDs of MalOps, or an empty one for all labels.`;
        throw new Fault('invalid_request', message, { details: { field: 'body' } });
      }
      return replyJson([]);
    },
  },
];
