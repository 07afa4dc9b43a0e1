import { abortRemediation } from '#core/verbs/abort-remediation.ts';
import { followRemediation } from '#core/verbs/follow-remediation.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { remediationReply } from '../remediation/remediation-reply.ts';
import { replyJson } from '../reply.ts';

/**
 * `POST /rest/remediate/abort/{malopId}/{remediationId}`: withdraws what no agent has yet, and asks agents not to begin the
 * rest. What has been done stays done.
 */
export const abortRemediationOperation: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/remediate/abort/:malopId/:remediationId'],
  access: { permission: 'actions.cancel', licence: [] },
  async run({ ports, principal, parameters }) {
    const named = parameters['remediationId'] ?? '';
    await abortRemediation(ports, principal, named);
    return replyJson(remediationReply(ports.policy, await followRemediation(ports, named)));
  },
};
