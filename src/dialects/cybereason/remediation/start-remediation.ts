import { followRemediation } from '#core/verbs/follow-remediation.ts';
import { remediate } from '#core/verbs/remediate.ts';
import type { GuardedCall } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import type { RemediateRequest } from './remediate-request.ts';
import { remediationReply } from './remediation-reply.ts';

/** Orders what was asked for. @returns the remediation as it is now */
export async function startRemediation(
  { ports, principal }: Pick<GuardedCall, 'ports' | 'principal'>,
  { malopId, initiator, rows }: RemediateRequest,
): Promise<Response> {
  const origin = { principal, dialect: 'cybereason', claimedInitiator: initiator, incidentId: malopId } as const;
  const { id } = await remediate(ports, { origin, rows });
  return replyJson(remediationReply(ports.policy, await followRemediation(ports, id)));
}
