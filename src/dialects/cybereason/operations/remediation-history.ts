import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { parseGuid } from '#core/file/guid.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';

const mostGuids = 10_000;

/** `elementType` is not looked at: a GUID is an element's of one type only. */
const bodySchema = z.object({ guids: z.array(z.string().max(256)).max(mostGuids) });

/** `POST /rest/remediate/has-history`: whether any remediation was about one of these MalOps, machines or files. */
export const remediationHistory: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/remediate/has-history'],
  access: { permission: 'actions.read', licence: [] },
  async run({ request, ports }) {
    const checked = checkShape(bodySchema, await readJson(request));
    if (!checked.success) {
      const message = `The body must be an object with guids, a list of at most ${mostGuids} GUIDs.`;
      throw new Fault('invalid_request', message, { details: { field: 'guids' } });
    }
    const names = checked.data.guids.map((text) => parseGuid(text.trim()) ?? text.trim());
    return replyJson(await ports.store.read(({ remediations }) => remediations.anyNames(names)));
  },
};
