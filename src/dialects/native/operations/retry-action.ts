import { describeAction } from '#core/verbs/describe-action.ts';
import { retryAction } from '#core/verbs/retry-action.ts';
import { demandReason } from '../demand-reason.ts';
import { originOf } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { retryAction as contract } from '../schemas/action.ts';
import { showAction } from '../show-action.ts';

/** Which permission of an order it needs depends on the action; whoever may read none may not retry one. */
export const retryActionOperation = guarded(
  contract,
  { permission: 'actions.read', licence: [] },
  async ({ parameters: { actionId }, body: { endpointIds, reason } }, call) => {
    demandReason(call.ports.policy, reason);
    const { ports } = call;
    const { endpoints, files, left } = await retryAction(ports, {
      origin: originOf(call, { reason }),
      actionId,
      endpointIds,
    });
    return {
      action: showAction(await describeAction(ports, actionId), ports.clock.now()),
      ...{ endpoints, files },
      left: { open: [...left.open], succeeded: [...left.succeeded], removed: [...left.removed] },
    };
  },
);
