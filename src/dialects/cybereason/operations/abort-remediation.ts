import { demandMayStop } from '#core/access/may-stop.ts';
import type { Permission } from '#core/access/permission.ts';
import type { Remediation } from '#core/remediation/remediation.ts';
import { abortRemediation } from '#core/verbs/abort-remediation.ts';
import { followRemediation } from '#core/verbs/follow-remediation.ts';
import { permissionOfRemedy } from '#core/verbs/remediate.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { remedyOf } from '../remediation/action-types.ts';
import { remediationReply } from '../remediation/remediation-reply.ts';
import { replyJson } from '../reply.ts';

/**
 * `POST /rest/remediate/abort/{malopId}/{remediationId}`: withdraws what no agent has yet, and asks agents not to begin the
 * rest. What has been done stays done. 403 for who may not order all of it, or not stop another's.
 */
export const abortRemediationOperation: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/remediate/abort/:malopId/:remediationId'],
  access: { permission: 'files.quarantine', licence: [] },
  async run({ ports, principal, parameters }) {
    const named = parameters['remediationId'] ?? '';
    const { remediation } = await followRemediation(ports, named);
    demandMayStop(principal, { startedBy: remediation.principal, needed: neededFor(remediation) });
    await abortRemediation(ports, principal, named);
    return replyJson(remediationReply(ports.policy, await followRemediation(ports, named)));
  },
};

function neededFor({ rows }: Pick<Remediation, 'rows'>): readonly Permission[] {
  const remedies = rows.map(({ actionType }) => remedyOf(actionType)).filter((remedy) => remedy !== null);
  return [...new Set(remedies.map((remedy) => permissionOfRemedy[remedy]))];
}
