import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { readRemediateRequest } from '../remediation/remediate-request.ts';
import { startRemediation } from '../remediation/start-remediation.ts';

/**
 * `POST /rest/remediate`: quarantines, restores and blocks files. A row that cannot be done fails by itself in `statusLog`; a
 * role that lacks what any row needs gets 403, and nothing is done.
 */
export const remediateOperation: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/remediate'],
  access: { permission: 'files.quarantine', licence: [] },
  run: async (call) => startRemediation(call, readRemediateRequest(await readJson(call.request))),
};
