import { countActions } from '#core/verbs/list-actions.ts';
import { actionFilterOf } from '../action-query.ts';
import { guarded } from '../operation.ts';
import { countActions as contract } from '../schemas/action.ts';

export const countActionsOperation = guarded(
  contract,
  { permission: 'actions.read', licence: [] },
  async ({ query }, { ports }) => {
    const counts = await countActions(ports, actionFilterOf(query));
    return { counts: { ...counts }, total: Object.values(counts).reduce((sum, count) => sum + count, 0) };
  },
);
