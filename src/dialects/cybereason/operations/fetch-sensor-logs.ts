import { orderFromSensors } from '#core/verbs/order-from-sensors.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { runSensorAction } from '../sensors/run-sensor-action.ts';

/** `POST /rest/sensors/action/fetchLogs`: has agents send their own logs; `download-logs` answers with them. */
export const fetchSensorLogs: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/action/fetchLogs'],
  access: { permission: 'endpoints.manage', licence: [] },
  async run({ request, ports, principal }) {
    return runSensorAction(ports, await readJson(request), (endpointIds) =>
      orderFromSensors(ports, {
        ...{ principal, kind: 'FetchLog', argumentsJson: 'null', endpointIds },
        order: { verb: 'logs' },
      }),
    );
  },
};
