import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { readCustomActions } from '../remediation/remediate-request.ts';
import { startRemediation } from '../remediation/start-remediation.ts';

/** `POST /rest/detection/remediate-custom-actions`: does what `custom-remediation` offered and the client sends back. */
export const remediateCustomActions: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/detection/remediate-custom-actions'],
  access: { permission: 'files.quarantine', licence: [] },
  run: async (call) => startRemediation(call, readCustomActions(await readJson(call.request))),
};
