import type { Action } from '../action/action.ts';
import type { Ports } from '../ports/ports.ts';
import { type Origin, openAction } from './open-action.ts';
import { type AskedEndpoints, orderTargets } from './order-targets.ts';

export interface StartScan {
  readonly origin: Origin;
  readonly endpointIds: AskedEndpoints;
}

/**
 * Has endpoints look at all that they inventory anew, now. Unknown endpoints are left out.
 * @throws Fault `no_target` when no endpoint is known, `timeout`
 */
export async function startScan(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  { origin, endpointIds: asked }: StartScan,
): Promise<Action> {
  const parameters = { verb: 'scan' } as const;
  const { action, endpointIds } = await ports.store.transact(async (transaction) => {
    const chosen = await orderTargets(transaction, asked);
    const targets = chosen.map((endpointId) => ({ endpointId, parameters }));
    return { action: await openAction(ports, transaction, { origin, targets }), endpointIds: chosen };
  });
  ports.doorbell.ring(endpointIds);
  return action;
}
