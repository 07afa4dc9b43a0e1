import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parseGuid } from '#core/file/guid.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { everyPage } from '../query/every-page.ts';
import { passes } from '../query/operators.ts';
import { serverId } from '../sensor-id.ts';
import { type Sensor, type SensorContext, type SensorStatus, sensorOf, sensorStatuses } from './sensor.ts';
import type { SensorFilter } from './sensor-request.ts';

/** Each is looked at one by one. */
const mostInspected = 100_000;

export interface FoundSensor {
  readonly endpoint: Endpoint;
  readonly sensor: Sensor;
}

/** The sensors that fit every filter, by machine name. Removed ones are not sensors any more. */
export async function findSensors(
  reader: Reader,
  ports: Pick<Ports, 'clock' | 'policy'>,
  filters: readonly SensorFilter[],
): Promise<readonly FoundSensor[]> {
  const context = await sensorContext(reader, ports);
  const order = { by: 'hostName', direction: 'ascending' } as const;
  const endpoints = await everyPage('sensors', mostInspected, (page) =>
    reader.endpoints.list(narrowed(filters), order, page),
  );
  return endpoints
    .filter(({ revokedAt }) => revokedAt === null)
    .map((endpoint) => ({ endpoint, sensor: sensorOf(endpoint, context) }))
    .filter(({ endpoint, sensor }) => filters.every((filter) => fits(endpoint, sensor, filter)));
}

export async function sensorContext(
  reader: Pick<Reader, 'events'>,
  { clock, policy }: Pick<Ports, 'clock' | 'policy'>,
): Promise<SensorContext> {
  return { policy, server: await serverId(reader), now: clock.now() };
}

/** How many sensors there are in each state, as the vendor counts them. */
export function statusOverview(sensors: readonly Sensor[]): object {
  const count = (status: SensorStatus) => sensors.filter((sensor) => sensor['status'] === status).length;
  const counts = Object.fromEntries(sensorStatuses.map((status) => [`${status.toLowerCase()}Count`, count(status)]));
  return { '@class': '.SensorsStatusOverview', ...counts };
}

/** A machine is found by any of its addresses. */
function fits({ addresses }: Endpoint, sensor: Sensor, { fieldName, operator, values }: SensorFilter): boolean {
  const isAddress = fieldName === 'internalIpAddress' || fieldName === 'externalIpAddress';
  const actual = isAddress ? addresses : [textOf(sensor[fieldName])];
  // Either spelling of a GUID names it, whichever answers have.
  return fieldName === 'guid'
    ? passes(operator, actual.map(oneSpelling), values.map(oneSpelling))
    : passes(operator, actual, values);
}

function oneSpelling(text: string): string {
  return parseGuid(text) ?? text;
}

export function textOf(value: Sensor[string] | undefined): string {
  return value === null || value === undefined || typeof value === 'object' ? '' : String(value);
}

/** What the store can do of it. */
function narrowed(filters: readonly SensorFilter[]): EndpointFilter {
  const byName = filters.filter(({ fieldName }) => fieldName === 'machineName');
  const equals = byName.find(({ operator }) => ['Equals', 'EqualsIgnoreCase', 'Includes'].includes(operator));
  const contains = byName.find(({ operator }) => operator === 'ContainsIgnoreCase');
  return {
    ...(equals !== undefined && { hostNames: equals.values }),
    ...(contains !== undefined && { hostNameContains: contains.values }),
  };
}
