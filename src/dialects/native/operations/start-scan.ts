import { startScan } from '#core/verbs/start-scan.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { startScan as contract } from '../schemas/order.ts';

export const startScanOperation = guarded(
  contract,
  { permission: 'endpoints.manage', licence: [] },
  async ({ body }, call) => {
    const action = await startScan(call.ports, { origin: originOf(call, body), endpointIds: body.endpointIds });
    return showStarted(call, action);
  },
);
