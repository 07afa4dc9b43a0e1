import type { FleetAction } from '../endpoint/fleet-action.ts';
import type { Ports } from '../ports/ports.ts';
import { type Cancelling, cancelWithin } from './cancel-action.ts';

/** Stops what agents were asked to do, as far as it can be stopped; what the server did by itself is over already. */
export async function cancelFleetAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Cancelling['by'],
  { actionId, batchNumber }: FleetAction,
): Promise<void> {
  if (actionId === null) {
    return;
  }
  const at = ports.clock.now();
  const asked = await ports.store.transact(async (transaction) => {
    const stopped = await cancelWithin(transaction, { by, id: actionId, at });
    if (stopped.withdrawn + stopped.asked.length > 0) {
      await transaction.fleetActions.cancel(batchNumber, at, by.name);
    }
    return stopped.asked;
  });
  ports.doorbell.ring(asked);
}
