import { listActions } from '#core/verbs/list-actions.ts';
import { guarded } from '../operation.ts';
import { listActions as contract } from '../schemas/action.ts';
import { showAction } from '../show-action.ts';

export const listActionsOperation = guarded(
  contract,
  { permission: 'actions.read', licence: [] },
  async ({ query }, { ports }) => {
    const { verb, incidentId, createdFrom, offset, limit } = query;
    const filter = {
      ...(verb && { verbs: verb }),
      ...(incidentId !== undefined && { incidentId }),
      ...(createdFrom !== undefined && { createdFrom: Date.parse(createdFrom) }),
    };
    const listing = await listActions(ports, filter, { offset, limit });
    const now = ports.clock.now();
    return { items: listing.items.map((each) => showAction(each, now)), total: listing.total };
  },
);
