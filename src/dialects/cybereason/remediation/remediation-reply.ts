import { parseGuid } from '#core/file/guid.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { LogEntry, LogStatus } from '#core/remediation/remediation-log.ts';
import type { FollowedRemediation } from '#core/verbs/follow-remediation.ts';
import { spellGuid } from '../spell-guid.ts';
import { errorObject } from './failure-words.ts';
import { noMalop } from './remediate-request.ts';

const statuses: Record<LogStatus, string> = {
  pending: 'PENDING',
  in_progress: 'IN_PROGRESS',
  succeeded: 'SUCCESS',
  failed: 'FAILURE',
  aborted: 'ABORTED',
};

/**
 * A remediation as clients read it: one row of `statusLog` for each step of each target, of which they read the last; `error` is
 * always there. `initiatingUser` is who was logged in; who the request said had asked stands beside it as claimed.
 */
export function remediationReply(policy: Pick<Policy, 'cybereason'>, followed: FollowedRemediation): object {
  const { remediation, log } = followed;
  const { principal, claimedInitiator } = remediation;
  const isClaimed = claimedInitiator !== null && claimedInitiator !== principal.name;
  return {
    malopId: remediation.incident === null ? noMalop : spell(policy, remediation.incident),
    remediationId: remediation.id,
    start: remediation.createdAt,
    end: log.endedAt,
    initiatingUser: principal.name,
    ...(isClaimed && { claimedInitiatorUserName: claimedInitiator }),
    statusLog: log.entries.map((entry) => statusRow(policy, entry)),
    empty: false,
  };
}

function statusRow(policy: Pick<Policy, 'cybereason'>, { row, status, at, error }: LogEntry): object {
  return {
    machineId: spell(policy, row.machine),
    targetId: spell(policy, row.target),
    status: statuses[status],
    actionType: row.actionType,
    error: error === null ? null : errorObject(error),
    timestamp: at,
    empty: false,
  };
}

/** What is no GUID stays as it was sent. */
function spell(policy: Pick<Policy, 'cybereason'>, text: string): string {
  const guid = parseGuid(text);
  return guid === undefined ? text : spellGuid(policy, guid);
}
