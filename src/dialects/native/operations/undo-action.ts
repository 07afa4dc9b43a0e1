import { undoAction } from '#core/verbs/undo-action.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { undoAction as contract } from '../schemas/order.ts';

export const undoActionOperation = guarded(
  contract,
  { permission: 'files.restore', licence: [] },
  async ({ parameters: { actionId }, body }, call) => {
    const { ifOccupied, allow } = body;
    const origin = originOf(call, body);
    const { undo, withdrawn, asked, removed } = await undoAction(call.ports, { origin, actionId, ifOccupied, allow });
    return { undo: undo === null ? null : await showStarted(call, undo), withdrawn, asked, removed };
  },
);
