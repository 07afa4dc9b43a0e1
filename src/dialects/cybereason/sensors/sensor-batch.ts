import { isBatchNumber } from '#core/action/action-id.ts';
import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';

/** The sensor action that a path names. @throws Fault `not_found`, which is answered with 400 */
export async function sensorBatch(ports: Pick<Ports, 'store'>, text: string | undefined = ''): Promise<FleetAction> {
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  const action = isBatchNumber(number)
    ? await ports.store.read(({ fleetActions }) => fleetActions.byBatchNumber(number))
    : undefined;
  if (action === undefined) {
    throw new Fault('not_found', `UNKNOWN BATCH: there is no sensor action ${text.slice(0, 20)}.`, {
      details: { what: 'sensor_batch' },
    });
  }
  return action;
}
