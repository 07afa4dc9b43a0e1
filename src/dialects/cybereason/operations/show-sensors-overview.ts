import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { findSensors, statusOverview } from '../sensors/find-sensors.ts';

/** `GET /rest/sensors/overview`: how many sensors there are, by state, by system and by version. */
export const showSensorsOverview: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/sensors/overview'],
  access: { permission: 'endpoints.read', licence: [] },
  async run({ ports }) {
    const found = await ports.store.read((reader) => findSensors(reader, ports, []), { search: true });
    const sensors = found.map(({ sensor }) => sensor);
    const countBy = (field: string) =>
      Object.fromEntries(
        [...Map.groupBy(sensors, (sensor) => String(sensor[field]))].map(([value, group]) => [value, group.length]),
      );
    return replyJson({
      sensorsStatus: statusOverview(sensors),
      osTypes: countBy('osType'),
      versions: countBy('version'),
      statuses: countBy('status'),
      serviceStatuses: countBy('serviceStatus'),
    });
  },
};
