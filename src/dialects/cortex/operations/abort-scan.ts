import { z } from 'zod';
import { abortScans } from '#core/verbs/abort-scans.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { askedEndpoints, reachSchema } from '../asked-endpoints.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { startedAction } from '../started-action.ts';

const fields = z.object({ filters: reachSchema });

/**
 * Cancel Scan Endpoints. The `action_id` is that of the newest scan which was stopped somewhere, so that its status tells what
 * became of it on each endpoint.
 */
export const abortScan: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/abort_scan', 'audits/endpoints/abort_scan'),
  access: { permission: 'endpoints.manage', licence: anyLicence },
  async run({ request, ports, principal }) {
    const { filters } = readFields(fields, (await readBody(request)).data);
    const { actionId, endpointsCount } = await abortScans(ports, principal, await askedEndpoints(ports, filters));
    return startedAction(ports, { id: actionId, endpointsCount });
  },
};
