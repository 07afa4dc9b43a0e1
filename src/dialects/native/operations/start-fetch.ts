import { startFetch } from '#core/verbs/start-fetch.ts';
import { demandReason } from '../demand-reason.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { startFetch as contract } from '../schemas/order.ts';

export const startFetchOperation = guarded(
  contract,
  { permission: 'files.fetch', licence: [] },
  async ({ body }, call) => {
    demandReason(call.ports.policy, body.reason);
    const { action, unknown } = await startFetch(call.ports, { origin: originOf(call, body), guids: body.guids });
    return { action: await showStarted(call, action), unknown: [...unknown] };
  },
);
