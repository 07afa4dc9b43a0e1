import { cancelAction } from '#core/verbs/cancel-action.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { hostNamesOf } from '#core/verbs/host-names.ts';
import { inverseOf } from '../inverse-calls.ts';
import { guarded } from '../operation.ts';
import { cancelAction as contract } from '../schemas/action.ts';
import { showStop } from '../show-stop.ts';

export const cancelActionOperation = guarded(
  contract,
  { permission: 'actions.cancel', licence: [] },
  async ({ parameters: { actionId } }, { ports, principal }) => {
    const counts = await cancelAction(ports, principal, actionId);
    const described = await describeAction(ports, actionId);
    const tasks = described.tasks.map(({ task }) => task);
    const hostNames = await ports.store.read((reader) => hostNamesOf(reader, tasks));
    return {
      ...counts,
      endpoints: described.tasks.flatMap((each) => {
        const { endpointId } = each.task;
        const stop = showStop(each);
        return stop === null ? [] : [{ endpointId, hostName: hostNames.get(endpointId) ?? null, stop }];
      }),
      inverse: inverseOf(described),
    };
  },
);
