import type { GuardedOperation } from '../../dialect.ts';
import { readJsonIfAny } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { findSensors } from '../sensors/find-sensors.ts';
import { readListRequest } from '../sensors/list-request.ts';
import { demandSensorFields } from '../sensors/sensor-filter.ts';
import { openView } from '../sensors/sensor-view.ts';
import { statusOverview } from '../sensors/status-overview.ts';

/** `POST /rest/sensors/query`: endpoints as sensors. No envelope stands around it. */
export const querySensors: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/query'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ request, ports }) {
    const asked = readListRequest(await readJsonIfAny(request), ports.policy.cybereason.sensorOffset);
    demandSensorFields(asked.filters);
    const { sensors, total, counts } = await ports.store.read(
      async (reader) => findSensors(reader, await openView(ports, reader), asked),
      { search: true },
    );
    return replyJson({
      sensors,
      totalResults: total,
      hasMoreResults: asked.offset + sensors.length < total,
      sensorsStatus: statusOverview(counts),
    });
  },
};
