import { approveAction } from '#core/verbs/approve-action.ts';
import { describeApproval } from '#core/verbs/describe-approval.ts';
import { guarded } from '../operation.ts';
import { approveAction as contract } from '../schemas/approval.ts';
import { showActionApproval } from '../show-approval.ts';

export const approveActionOperation = guarded(
  contract,
  { permission: 'actions.approve', licence: [] },
  async ({ parameters: { actionId }, body }, { ports, principal }) => {
    await approveAction(ports, { principal, actionId, ...body });
    const described = await describeApproval(ports, actionId);
    return { ...showActionApproval(described), needed: described.needed };
  },
);
