import { z } from 'zod';
import { startScan } from '#core/verbs/start-scan.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { askedEndpoints, reachSchema } from '../asked-endpoints.ts';
import { anyLicence } from '../licences.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { startedAction } from '../started-action.ts';

const fields = z.object({ filters: reachSchema });

/** Scan Endpoints: they look at all that they inventory anew. Agents here know files by their hashes and judge none. */
export const scan: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/scan', 'audits/endpoints/scan'),
  access: { permission: 'endpoints.manage', licence: anyLicence },
  async run(call) {
    const body = await readBody(call.request);
    const { filters } = readFields(fields, body.data);
    const origin = originOf(call, body);
    const endpointIds = await askedEndpoints(call.ports, filters);
    return startedAction(call.ports, await startScan(call.ports, { origin, endpointIds }));
  },
};
