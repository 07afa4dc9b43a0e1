import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { endpointHead } from '../sensor-id.ts';
import { allSensors } from './find-sensors.ts';
import type { SensorView } from './sensor.ts';
import { demandSensorFields, type FieldFilter, readFilters, wrong } from './sensor-filter.ts';

/** Whom a sensor action is meant for. Where both are given, both must hold. */
export interface NamedSensors {
  /** Undefined: named by filters only. */
  readonly ids: readonly string[] | undefined;
  readonly filters: readonly FieldFilter[];
}

export interface Targets {
  readonly endpointIds: readonly EndpointId[];
  /** Ids that name no sensor of this server. */
  readonly unknown: number;
}

/** @throws Fault `invalid_request` */
export function readNamedSensors(fields: Readonly<Record<string, unknown>>): NamedSensors {
  const filters = readFilters(fields['filters'], 'filters');
  demandSensorFields(filters);
  const ids = fields['sensorsIds'] ?? undefined;
  if (ids === undefined) {
    return { ids, filters };
  }
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw wrong('sensorsIds', 'sensorsIds must be a list of sensor ids.');
  }
  return { ids, filters };
}

export function namesNobody({ ids, filters }: NamedSensors): boolean {
  return ids === undefined && filters.length === 0;
}

/** Enrolled sensors, archived ones among them where they are named, in the order in which they were named; each once. */
export async function targetsOf(
  reader: Pick<Reader, 'endpoints'>,
  view: SensorView,
  { ids, filters }: NamedSensors,
): Promise<Targets> {
  if (ids === undefined) {
    const matching = await allSensors(reader, view, filters);
    return { endpointIds: matching.map(({ id }) => id), unknown: 0 };
  }
  const { endpointIds, unknown } = await byIds(reader, view, ids);
  if (filters.length === 0) {
    return { endpointIds, unknown };
  }
  const matching = new Set((await allSensors(reader, view, filters)).map(({ id }) => id));
  return { endpointIds: endpointIds.filter((id) => matching.has(id)), unknown };
}

/** By what the ids end with; two endpoints that share that are told apart by nothing, so that neither is meant. */
export async function byIds(
  { endpoints }: Pick<Reader, 'endpoints'>,
  { serverId }: Pick<SensorView, 'serverId'>,
  texts: readonly string[],
): Promise<Targets & { readonly known: ReadonlyMap<string, EndpointId> }> {
  const asked = [...new Set(texts)];
  const enrolled = Map.groupBy(asked.length === 0 ? [] : await endpoints.allTargets(), ({ id }) => id.slice(0, 12));
  const known = new Map<string, EndpointId>();
  for (const text of asked) {
    const head = endpointHead(text, serverId);
    const [found, ...others] = (head === undefined ? undefined : enrolled.get(head)) ?? [];
    if (found !== undefined && others.length === 0) {
      known.set(text, found.id);
    }
  }
  return { endpointIds: [...new Set(known.values())], unknown: asked.length - known.size, known };
}
