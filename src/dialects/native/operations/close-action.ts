import { Fault } from '#core/fault.ts';
import { closeBatch } from '#core/verbs/close-batch.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { guarded } from '../operation.ts';
import { closeAction } from '../schemas/action.ts';

export const closeActionOperation = guarded(
  closeAction,
  { permission: 'actions.cancel', licence: [] },
  async ({ parameters: { actionId } }, { ports, principal }) => {
    const { action } = await describeAction(ports, actionId);
    if (action.batchNumber === null) {
      throw new Fault('conflict', `Action ${actionId} is a ${action.verb}; only a fetch can be closed.`, {
        details: { verb: action.verb },
      });
    }
    await closeBatch(ports, principal, action);
    return undefined;
  },
);
