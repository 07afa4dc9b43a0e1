import type { Principal } from '../access/principal.ts';
import { type BatchNumber, isBatchNumber } from '../action/action-id.ts';
import type { SensorAction } from '../endpoint/sensor-action.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { cancelIn } from './cancel-action.ts';

/**
 * Stops what of a sensor action has not begun. @returns it as it is then.
 * @throws Fault `not_found`
 */
export async function abortSensorAction(
  ports: Pick<Ports, 'store' | 'clock' | 'doorbell'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  number: BatchNumber | number,
): Promise<SensorAction> {
  const at = ports.clock.now();
  const { action, asked } = await ports.store.transact(async (transaction) => {
    const found = isBatchNumber(number) ? await transaction.sensorActions.byNumber(number) : undefined;
    if (found === undefined) {
      throw new Fault('not_found', `There is no batch ${number}.`, { details: { what: 'sensor action' } });
    }
    await transaction.sensorActions.abort(found.batchNumber, at, by.name);
    const order = found.actionId === null ? undefined : await transaction.actions.byId(found.actionId);
    const stopped = order === undefined ? undefined : await cancelIn(transaction, { by, action: order, at });
    const now = (await transaction.sensorActions.byNumber(found.batchNumber)) ?? found;
    return { action: now, asked: stopped?.asked ?? [] };
  });
  ports.doorbell.ring(asked);
  return action;
}
