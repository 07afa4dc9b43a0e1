import { remediationsOf } from '#core/verbs/follow-remediation.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { malopOf } from '../remediation/remediate-request.ts';
import { remediationReply } from '../remediation/remediation-reply.ts';
import { replyJson } from '../reply.ts';

/** `GET /rest/remediate/status/{malopId}`: the newest fifty remediations of a MalOp, newest first; of `NOMALOP`, those of none. */
export const remediationStatus: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/remediate/status/:malopId'],
  access: { permission: 'actions.read', licence: [] },
  async run({ ports, parameters }) {
    const followed = await remediationsOf(ports, malopOf(parameters['malopId']));
    return replyJson(followed.map((each) => remediationReply(ports.policy, each)));
  },
};
