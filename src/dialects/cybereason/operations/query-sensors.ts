import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { findSensors, statusOverview } from '../sensors/find-sensors.ts';
import { pageOf } from '../sensors/sensor-page.ts';
import { readSensorRequest } from '../sensors/sensor-request.ts';

/** `POST /rest/sensors/query`: endpoints as sensors; archived ones too, removed ones not. */
export const querySensors: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/query'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ request, ports }) {
    const asked = readSensorRequest(await readJson(request));
    const found = await ports.store.read((reader) => findSensors(reader, ports, asked.filters), { search: true });
    const sensors = found.map(({ sensor }) => sensor);
    const page = pageOf(sensors, asked, ports.policy.cybereason.sensorOffset);
    return replyJson({
      sensors: page.items,
      totalResults: sensors.length,
      hasMoreResults: page.hasMore,
      sensorsStatus: statusOverview(sensors),
    });
  },
};
