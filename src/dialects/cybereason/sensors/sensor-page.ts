import type { SensorOffset } from '#core/ports/policy.ts';
import { textOf } from './find-sensors.ts';
import type { Sensor } from './sensor.ts';
import type { SensorRequest } from './sensor-request.ts';

export interface SensorPage {
  readonly items: readonly Sensor[];
  readonly hasMore: boolean;
}

/** One page of sensors, sorted as asked; ties stay in the order of their names. */
export function pageOf(sensors: readonly Sensor[], asked: SensorRequest, unit: SensorOffset): SensorPage {
  const sorted = sensors.toSorted((left, right) => compare(left[asked.sortBy], right[asked.sortBy]));
  const ordered = asked.descending ? sorted.toReversed() : sorted;
  const start = unit === 'page' ? asked.offset * asked.limit : asked.offset;
  return { items: ordered.slice(start, start + asked.limit), hasMore: start + asked.limit < ordered.length };
}

function compare(left: Sensor[string] | undefined, right: Sensor[string] | undefined): number {
  if (typeof left === 'number' && typeof right === 'number') {
    return left - right;
  }
  const [first, second] = [textOf(left).toLowerCase(), textOf(right).toLowerCase()];
  return first < second ? -1 : Number(first > second);
}
