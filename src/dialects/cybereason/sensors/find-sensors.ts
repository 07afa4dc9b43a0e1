import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointCounts, EndpointFilter, EndpointOrder } from '#core/ports/store/endpoints.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { ListRequest } from './list-request.ts';
import { type Sensor, type SensorStatus, type SensorView, sensorOf, sensorStatus } from './sensor.ts';
import { type FieldFilter, narrow, passesFilters } from './sensor-filter.ts';

export interface SensorPage {
  readonly sensors: readonly Sensor[];
  readonly total: number;
  /** Of all that match. */
  readonly counts: EndpointCounts;
}

type Readers = Pick<Reader, 'endpoints' | 'tasks'>;

const pageSize = 5_000;

/** The orders that the store has an index or a column for; the others are made here, over what matches. */
const storeOrders: Readonly<Record<string, EndpointOrder['by']>> = {
  machineName: 'hostName',
  firstSeenTime: 'enrolledAt',
  lastPylumInfoMsgUpdateTime: 'lastSeen',
};

/** One page of the sensors that match. The store does it alone where it can; else each that it leaves is looked at. */
export async function findSensors(reader: Readers, view: SensorView, request: ListRequest): Promise<SensorPage> {
  const { filter, isWhole } = narrow(request.filters, view.now);
  const by = storeOrders[request.sortBy ?? 'machineName'];
  if (isWhole && by !== undefined && Object.hasOwn(storeOrders, request.sortBy ?? 'machineName')) {
    const order = { by, direction: request.isDescending ? 'descending' : 'ascending' } as const;
    const { endpoints, total } = await listed(reader, { filter, order, request });
    const counts = await reader.endpoints.count(filter, view.now);
    return { sensors: await shown(reader, view, endpoints), total, counts };
  }
  const matching = await allSensors(reader, view, request.filters);
  const page = sorted(matching, view, request).slice(request.offset, request.offset + request.limit);
  return {
    sensors: await shown(reader, view, page),
    total: matching.length,
    counts: countOf(matching.map((endpoint) => sensorStatus(endpoint, view.now))),
  };
}

/** Every endpoint that matches, by machine name. */
export async function allSensors(
  reader: Pick<Reader, 'endpoints'>,
  view: SensorView,
  filters: readonly FieldFilter[],
): Promise<readonly Endpoint[]> {
  const { filter, isWhole } = narrow(filters, view.now);
  const order = { by: 'hostName', direction: 'ascending' } as const;
  const found: Endpoint[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const { items, total } = await reader.endpoints.list(filter, order, { offset, limit: pageSize });
    found.push(...items.filter((each) => isWhole || passesFilters(sensorOf(each, view), each, filters)));
    if (offset + pageSize >= total) {
      return found;
    }
  }
}

interface Listing {
  readonly filter: EndpointFilter;
  readonly order: EndpointOrder;
  readonly request: ListRequest;
}

async function listed({ endpoints }: Pick<Reader, 'endpoints'>, { filter, order, request }: Listing) {
  const { offset, limit } = request;
  const found: Endpoint[] = [];
  for (;;) {
    const room = Math.min(limit - found.length, pageSize);
    const { items, total } = await endpoints.list(filter, order, { offset: offset + found.length, limit: room });
    found.push(...items);
    if (items.length < room || found.length >= limit) {
      return { endpoints: found, total };
    }
  }
}

async function shown({ tasks }: Readers, view: SensorView, endpoints: readonly Endpoint[]): Promise<readonly Sensor[]> {
  const open = await tasks.openCounts(endpoints.map(({ id }) => id));
  return endpoints.map((endpoint) => sensorOf(endpoint, view, open.get(endpoint.id) ?? 0));
}

function sorted(endpoints: readonly Endpoint[], view: SensorView, request: ListRequest): readonly Endpoint[] {
  const { sortBy = 'machineName', isDescending } = request;
  const keyed = endpoints.map((endpoint) => ({ endpoint, key: sortKey(sensorOf(endpoint, view)[sortBy]) }));
  const sign = isDescending ? -1 : 1;
  return keyed.sort((a, b) => sign * compare(a.key, b.key)).map(({ endpoint }) => endpoint);
}

function sortKey(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value ?? '').toLowerCase();
}

function compare(left: string | number, right: string | number): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

export function countOf(statuses: readonly SensorStatus[]): EndpointCounts {
  const count = (status: SensorStatus) => statuses.filter((each) => each === status).length;
  return {
    connected: count('Online'),
    disconnected: count('Offline'),
    lost: count('Stale'),
    archived: count('Archived'),
  };
}
