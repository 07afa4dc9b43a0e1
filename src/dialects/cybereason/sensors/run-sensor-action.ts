import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { SensorAction } from '#core/endpoint/sensor-action.ts';
import type { Ports } from '#core/ports/ports.ts';
import { replyJson } from '../reply.ts';
import { describeSensorActions, showSensorAction } from './describe-sensor-actions.ts';
import { readSelection, selectSensors } from './select-sensors.ts';

/**
 * Selects the sensors of an action, has it carried out on them, and answers with it. No sensor: 204 without a body, which clients
 * read as "not found".
 */
export async function runSensorAction(
  ports: Ports,
  body: unknown,
  carryOut: (endpointIds: readonly EndpointId[]) => Promise<SensorAction>,
): Promise<Response> {
  const selection = readSelection(body);
  const chosen = await ports.store.read((reader) => selectSensors(reader, ports, selection), { search: true });
  if (chosen.length === 0) {
    return new Response(null, { status: 204 });
  }
  return replySensorAction(ports, await carryOut(chosen.map(({ endpoint }) => endpoint.id)));
}

export async function replySensorAction(
  ports: Pick<Ports, 'store' | 'clock'>,
  action: SensorAction,
): Promise<Response> {
  const [described] = await ports.store.read((reader) => describeSensorActions(reader, [action], ports.clock.now()));
  return replyJson(described === undefined ? null : showSensorAction(described));
}
