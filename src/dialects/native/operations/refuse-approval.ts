import { describeApproval } from '#core/verbs/describe-approval.ts';
import { refuseApproval } from '#core/verbs/refuse-approval.ts';
import { guarded } from '../operation.ts';
import { refuseApproval as contract } from '../schemas/approval.ts';
import { showActionApproval } from '../show-approval.ts';

export const refuseApprovalOperation = guarded(
  contract,
  { permission: 'actions.approve', licence: [] },
  async ({ parameters: { actionId }, body: { reason } }, { ports, principal }) => {
    await refuseApproval(ports, { principal, actionId, reason });
    const described = await describeApproval(ports, actionId);
    return { ...showActionApproval(described), needed: described.needed };
  },
);
