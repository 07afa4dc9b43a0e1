import { listApprovals } from '#core/verbs/describe-approval.ts';
import { guarded } from '../operation.ts';
import { listApprovals as contract } from '../schemas/approval.ts';
import { showActionApproval } from '../show-approval.ts';

export const listApprovalsOperation = guarded(
  contract,
  { permission: 'actions.read', licence: [] },
  async ({ query: { state, offset, limit } }, { ports }) => {
    const { items, total } = await listApprovals(ports, { onlyWaiting: state === 'waiting' }, { offset, limit });
    return { items: items.map(showActionApproval), total };
  },
);
