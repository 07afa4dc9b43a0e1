import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { demandSensorAction } from '../sensors/demand-sensor-action.ts';
import { describeSensorActions } from '../sensors/describe-sensor-actions.ts';
import { findSensors, statusOverview } from '../sensors/find-sensors.ts';
import { pageOf } from '../sensors/sensor-page.ts';
import { readSensorRequest } from '../sensors/sensor-request.ts';

/** `POST /rest/sensors/query/sensorsOfAction/{batchID}`: the sensors of an action, each with where it stands and why. */
export const querySensorsOfAction: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/query/sensorsOfAction/:batchID'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ request, ports, parameters }) {
    const asked = readSensorRequest(await readJson(request));
    const action = await demandSensorAction(ports, parameters['batchID'] ?? '');
    const sensors = await ports.store.read(
      async (reader) => {
        const [described] = await describeSensorActions(reader, [action], ports.clock.now());
        const targets = new Map((described?.sensors ?? []).map((target) => [target.endpointId, target]));
        return (await findSensors(reader, ports, asked.filters)).flatMap(({ endpoint, sensor }) => {
          const target = targets.get(endpoint.id);
          return target === undefined ? [] : [{ ...sensor, actionState: target.state, actionMessage: target.message }];
        });
      },
      { search: true },
    );
    const page = pageOf(sensors, asked, ports.policy.cybereason.sensorOffset);
    return replyJson({
      sensors: page.items,
      totalResults: sensors.length,
      hasMoreResults: page.hasMore,
      sensorsStatus: statusOverview(sensors),
    });
  },
};
