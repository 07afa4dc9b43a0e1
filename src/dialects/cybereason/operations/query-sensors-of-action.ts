import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FleetAction } from '#core/endpoint/fleet-action.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJsonIfAny } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { countOf } from '../sensors/find-sensors.ts';
import { type ListRequest, readListRequest } from '../sensors/list-request.ts';
import { type SensorView, sensorOf, sensorStatus } from '../sensors/sensor.ts';
import { sensorBatch } from '../sensors/sensor-batch.ts';
import { demandSensorFields, passesFilters } from '../sensors/sensor-filter.ts';
import { openView } from '../sensors/sensor-view.ts';
import { sensorsOfAction } from '../sensors/sensors-of-action.ts';
import { statusOverview } from '../sensors/status-overview.ts';

/**
 * `POST /rest/sensors/query/sensorsOfAction/{batchId}`: the sensors of one action, as `sensors/query` shows them, each with
 * how it fares in `actionStatus` and, in words, `actionMessage`.
 */
export const querySensorsOfAction: GuardedOperation = {
  method: 'POST',
  paths: ['/rest/sensors/query/sensorsOfAction/:batchId'],
  access: { permission: 'actions.read', licence: [] },
  async run({ request, ports, parameters }) {
    const asked = readListRequest(await readJsonIfAny(request), ports.policy.cybereason.sensorOffset);
    demandSensorFields(asked.filters);
    const action = await sensorBatch(ports, parameters['batchId']);
    return replyJson(
      await ports.store.read(async (reader) => answer(reader, await openView(ports, reader), { action, asked })),
    );
  },
};

async function answer(
  reader: Reader,
  view: SensorView,
  { action, asked }: { readonly action: FleetAction; readonly asked: ListRequest },
): Promise<object> {
  const all = await sensorsOfAction(reader, action, view.now);
  const found = await reader.endpoints.byIds(all.map(({ endpointId }) => endpointId));
  const endpoints = new Map<string, Endpoint>(found.map((endpoint) => [endpoint.id, endpoint]));
  const matching = all.flatMap((each) => {
    const endpoint = endpoints.get(each.endpointId);
    return endpoint !== undefined && passesFilters(sensorOf(endpoint, view), endpoint, asked.filters)
      ? [{ endpoint, each }]
      : [];
  });
  const page = matching.slice(asked.offset, asked.offset + asked.limit);
  return {
    sensors: page.map(({ endpoint, each: { state, message } }) => ({
      ...sensorOf(endpoint, view),
      actionStatus: state,
      actionMessage: message,
    })),
    totalResults: matching.length,
    hasMoreResults: asked.offset + page.length < matching.length,
    sensorsStatus: statusOverview(countOf(matching.map(({ endpoint }) => sensorStatus(endpoint, view.now)))),
  };
}
