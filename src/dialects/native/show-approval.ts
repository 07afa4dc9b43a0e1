import type { z } from 'zod';
import type { ApprovalState, KnownApproval } from '#core/guard/approval.ts';
import type { DescribedApproval } from '#core/verbs/describe-approval.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { listApprovals, approval as schema } from './schemas/approval.ts';

export function showApproval(approval: KnownApproval, state: ApprovalState): z.input<typeof schema> {
  const { rules, endpointsCount, filesCount, digest, expiresAt, decision } = approval;
  return {
    ...{ state, rules: [...rules], endpointsCount, filesCount, digest },
    expiresAt: instantOf(expiresAt),
    decidedAt: nullableInstantOf(decision?.at ?? null),
    decidedBy: decision === null ? null : { ...decision.by },
    reason: decision?.reason ?? '',
  };
}

export function showActionApproval({
  approval,
  action,
  state,
}: DescribedApproval): z.input<typeof listApprovals.reply>['items'][number] {
  return {
    actionId: action.id,
    verb: action.verb,
    requestedBy: { ...approval.requestedBy },
    requester: approval.requester,
    requestedAt: instantOf(approval.requestedAt),
    ...showApproval(approval, state),
  };
}
