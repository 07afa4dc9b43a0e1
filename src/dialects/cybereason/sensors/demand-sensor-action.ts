import { isBatchNumber } from '#core/action/action-id.ts';
import type { SensorAction } from '#core/endpoint/sensor-action.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';

/** The action that a path names. @throws Fault `invalid_request`, in the vendor's words. */
export async function demandSensorAction(ports: Pick<Ports, 'store'>, text: string): Promise<SensorAction> {
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  const action = isBatchNumber(number)
    ? await ports.store.read(({ sensorActions }) => sensorActions.byNumber(number))
    : undefined;
  if (action === undefined) {
    throw new Fault('invalid_request', 'UNKNOWN BATCH', { details: { field: 'batchID' } });
  }
  return action;
}
