import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { type FoundSensor, findSensors } from './find-sensors.ts';
import { readSensorFilters, wrong } from './sensor-request.ts';

/** The body of every action on sensors. */
export interface SensorSelection {
  /** Undefined: those that the filters leave. */
  readonly sensorIds: ReadonlySet<string> | undefined;
  readonly filters: ReturnType<typeof readSensorFilters>;
}

const mostSensors = 30_000;

const selectionSchema = z.object({
  sensorsIds: z.array(z.string().max(1_000)).max(mostSensors).nullish(),
  filters: z.array(z.unknown()).max(100).nullish(),
});

/** @throws Fault `invalid_request`: an action that names no sensor in any way would be meant for all of them. */
export function readSelection(body: unknown): SensorSelection {
  const parsed = checkShape(selectionSchema, body);
  if (!parsed.success) {
    throw wrong('sensorsIds', 'must be a list of sensor ids, and filters a list of filters');
  }
  const { sensorsIds, filters } = parsed.data;
  const named = sensorsIds ?? [];
  if (named.length === 0 && (filters ?? []).length === 0) {
    throw wrong('sensorsIds', 'is empty, and there are no filters: name the sensors that are meant');
  }
  return {
    sensorIds: named.length === 0 ? undefined : new Set(named),
    filters: readSensorFilters(filters ?? []),
  };
}

/** A sensor is meant by its id, or by the part of it that names the machine. */
export async function selectSensors(
  reader: Reader,
  ports: Pick<Ports, 'clock' | 'policy'>,
  { sensorIds, filters }: SensorSelection,
): Promise<readonly FoundSensor[]> {
  const found = await findSensors(reader, ports, filters);
  return sensorIds === undefined
    ? found
    : found.filter(({ sensor }) => [sensor['sensorId'], sensor['pylumId']].some((id) => sensorIds.has(String(id))));
}
