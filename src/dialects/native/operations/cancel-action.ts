import { cancelAction } from '#core/verbs/cancel-action.ts';
import { guarded } from '../operation.ts';
import { cancelAction as contract } from '../schemas/action.ts';

export const cancelActionOperation = guarded(
  contract,
  { permission: 'actions.cancel', licence: [] },
  ({ parameters: { actionId } }, { ports, principal }) => cancelAction(ports, principal, actionId),
);
