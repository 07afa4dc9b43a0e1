import { cancelFleetAction } from '#core/verbs/cancel-fleet-action.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { showOne } from '../sensors/sensor-action.ts';
import { sensorBatch } from '../sensors/sensor-batch.ts';

/**
 * `GET /rest/sensors/abort/{batchID}`: stops what has not reached its sensor; a sensor that has it is asked not to begin. The
 * answer is the action as it is then. 400 for a number that no sensor action has.
 */
export const abortSensorAction: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/abort/:batchID'],
  access: { permission: 'actions.cancel', licence: [] },
  async run({ ports, principal, parameters }) {
    const action = await sensorBatch(ports, parameters['batchID']);
    await cancelFleetAction(ports, principal, action);
    return replyJson(await showOne(ports, await sensorBatch(ports, parameters['batchID'])));
  },
};
