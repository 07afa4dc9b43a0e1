import { abortSensorAction } from '#core/verbs/abort-sensor-action.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { demandSensorAction } from '../sensors/demand-sensor-action.ts';
import { replySensorAction } from '../sensors/run-sensor-action.ts';

/**
 * `GET /rest/sensors/abort/{batchID}`: withdraws what has not reached its sensor and asks the others not to begin. A GET although it
 * changes things; that is what clients send.
 */
export const abortSensors: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/abort/:batchID'],
  access: { permission: 'actions.cancel', licence: [] },
  async run({ ports, principal, parameters }) {
    const { batchNumber } = await demandSensorAction(ports, parameters['batchID'] ?? '');
    return replySensorAction(ports, await abortSensorAction(ports, principal, batchNumber));
  },
};
