import { awaitRemediation } from '#core/verbs/follow-remediation.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { remediationReply } from '../remediation/remediation-reply.ts';
import { replyJson } from '../reply.ts';

/**
 * `GET /rest/remediate/progress/{username}/{malopId}/{remediationId}`: found by the last one only, because clients name the
 * user and the MalOp as they think best. The answer waits up to 4 seconds for the end: a client asks once, and at once.
 */
export const remediationProgress: GuardedOperation = {
  method: 'GET',
  paths: [
    '/rest/remediate/progress/:username/:malopId/:remediationId',
    // A client without a user's name leaves its place empty.
    '/rest/remediate/progress//:malopId/:remediationId',
  ],
  access: { permission: 'actions.read', licence: [] },
  async run({ request, ports, parameters }) {
    const followed = await awaitRemediation(ports, parameters['remediationId'] ?? '', request.signal);
    return replyJson(remediationReply(ports.policy, followed));
  },
};
