import { describeApproval } from '#core/verbs/describe-approval.ts';
import { guarded } from '../operation.ts';
import { readApproval } from '../schemas/approval.ts';
import { showActionApproval } from '../show-approval.ts';

export const readApprovalOperation = guarded(
  readApproval,
  { permission: 'actions.read', licence: [] },
  async ({ parameters: { actionId } }, { ports }) => {
    const described = await describeApproval(ports, actionId);
    return { ...showActionApproval(described), needed: described.needed };
  },
);
