import { listActions } from '#core/verbs/list-actions.ts';
import { actionFilterOf } from '../action-query.ts';
import { guarded } from '../operation.ts';
import { listActions as contract } from '../schemas/action.ts';
import { showListed } from '../show-action.ts';

export const listActionsOperation = guarded(
  contract,
  { permission: 'actions.read', licence: [] },
  async ({ query }, { ports }) => {
    const { status, offset, limit } = query;
    const filter = { ...actionFilterOf(query), ...(status && { statuses: status }) };
    const listing = await listActions(ports, filter, { offset, limit });
    const judged = { now: ports.clock.now(), confirmAfter: ports.policy.confirmAfter };
    return { items: listing.items.map((each) => showListed(each, judged)), total: listing.total };
  },
);
