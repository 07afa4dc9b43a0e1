import { demandMayStop } from '#core/access/may-stop.ts';
import type { Permission } from '#core/access/permission.ts';
import type { FleetActionKind } from '#core/endpoint/fleet-action.ts';
import { cancelFleetAction } from '#core/verbs/cancel-fleet-action.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { showOne } from '../sensors/sensor-action.ts';
import { sensorBatch } from '../sensors/sensor-batch.ts';

/** What starting an action of each kind needs. */
const neededFor: Record<FleetActionKind, Permission> = {
  archive: 'endpoints.manage',
  unarchive: 'endpoints.manage',
  delete: 'endpoints.manage',
  logs: 'endpoints.manage',
  search: 'files.search',
  unsupported: 'endpoints.manage',
};

/**
 * `GET /rest/sensors/abort/{batchID}`: stops what has not reached its sensor; a sensor that has it is asked not to begin. The
 * answer is the action as it is then. 400 for a number that no sensor action has, 403 for who may not start such an action, or
 * not stop another's.
 */
export const abortSensorAction: GuardedOperation = {
  method: 'GET',
  changes: true,
  paths: ['/rest/sensors/abort/:batchID'],
  access: { permission: 'actions.read', licence: [] },
  async run({ ports, principal, parameters }) {
    const action = await sensorBatch(ports, parameters['batchID']);
    demandMayStop(principal, { startedBy: action.principal, needed: [neededFor[action.kind]] });
    await cancelFleetAction(ports, principal, action);
    return replyJson(await showOne(ports, await sensorBatch(ports, parameters['batchID'])));
  },
};
