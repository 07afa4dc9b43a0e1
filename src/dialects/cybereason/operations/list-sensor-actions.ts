import type { SensorActionFilter } from '#core/ports/store/sensor-actions.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { describeSensorActions, showSensorAction } from '../sensors/describe-sensor-actions.ts';

const mostShown = 1_000;

async function list({ ports }: GuardedCall, filter: SensorActionFilter): Promise<Response> {
  const shown = await ports.store.read(async (reader) => {
    const { items } = await reader.sensorActions.list(filter, { offset: 0, limit: mostShown });
    return (await describeSensorActions(reader, items, ports.clock.now())).map(showSensorAction);
  });
  return replyJson(shown);
}

const access = { permission: 'endpoints.read', licence: [] } as const;
const searches = ['FileSearchStart'] as const;

/** The newest thousand each: what was asked of sensors, and the live file searches among that, everybody's or one's own. */
export const listSensorActions: readonly GuardedOperation[] = [
  { method: 'GET', paths: ['/rest/sensors/allActions'], access, run: (call) => list(call, {}) },
  {
    method: 'GET',
    paths: ['/rest/sensors/actions/fileSearchRequestsAll'],
    access,
    run: (call) => list(call, { kinds: searches }),
  },
  {
    method: 'GET',
    paths: ['/rest/sensors/actions/fileSearchRequests'],
    access,
    run: (call) => list(call, { kinds: searches, principalId: call.principal.id }),
  },
];
