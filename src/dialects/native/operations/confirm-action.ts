import { confirmAction } from '#core/verbs/confirm-action.ts';
import { demandReason } from '../demand-reason.ts';
import { guarded } from '../operation.ts';
import { confirmAction as contract } from '../schemas/action.ts';

/** Which permission of an order it needs depends on the action; whoever may read none may not confirm one. */
export const confirmActionOperation = guarded(
  contract,
  { permission: 'actions.read', licence: [] },
  async ({ parameters: { actionId }, body: { endpointIds, reason } }, { ports, principal }) => {
    demandReason(ports.policy, reason);
    return { endpoints: await confirmAction(ports, { principal, actionId, endpointIds, reason }) };
  },
);
