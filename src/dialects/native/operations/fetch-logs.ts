import { Fault } from '#core/fault.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { fetchLogs } from '#core/verbs/fetch-logs.ts';
import { orderTargets } from '#core/verbs/order-targets.ts';
import { guarded } from '../operation.ts';
import { fetchLogs as contract } from '../schemas/order.ts';
import { showAction } from '../show-action.ts';

export const fetchLogsOperation = guarded(
  contract,
  { permission: 'endpoints.manage', licence: [] },
  async ({ body }, { ports, principal }) => {
    const endpointIds = await ports.store.read((reader) => orderTargets(reader, body.endpointIds));
    const request = { principal, name: 'fetchLogs', facts: { dialect: 'native' } };
    const { reason } = body;
    const { actionId } = await fetchLogs(ports, { request, dialect: 'native', reason, endpointIds });
    if (actionId === null) {
      throw new Fault('internal', 'Logs were ordered without an action.');
    }
    return showAction(await describeAction(ports, actionId), ports.clock.now());
  },
);
