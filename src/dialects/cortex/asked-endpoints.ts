import { z } from 'zod';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { EndpointFilter } from '#core/ports/store/endpoints.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { AskedEndpoints } from '#core/verbs/order-targets.ts';
import { endpointFilter } from './endpoint-filter.ts';
import { type Condition, filtersSchema } from './filters.ts';
import { namedEndpoints } from './named-endpoints.ts';
import { byId } from './page.ts';
import { wrongField } from './read-fields.ts';

/** `filters` of the calls that may also be meant for every endpoint, which only the text "all" says. */
export const reachSchema = z.union([z.literal('all'), filtersSchema], 'must be "all" or a list of filters');

const pageLength = 10_000;

/**
 * The endpoints that an order is for: named ones in their order, else those that meet every filter.
 * @throws Fault `invalid_request`; no filter at all must not become "everywhere".
 */
export async function askedEndpoints(
  ports: Pick<Ports, 'store' | 'clock'>,
  reach: 'all' | readonly Condition[],
): Promise<AskedEndpoints> {
  if (reach === 'all') {
    return 'all';
  }
  if (reach.length === 0) {
    throw wrongField('filters', 'must name endpoints, or be "all"');
  }
  if (reach.every(({ field }) => field === 'endpoint_id_list')) {
    return namedEndpoints(reach);
  }
  const filter = endpointFilter(reach, ports.clock.now());
  return filter === undefined ? [] : ports.store.read((reader) => idsOf(reader, filter), { search: true });
}

async function idsOf(reader: Reader, filter: EndpointFilter): Promise<readonly EndpointId[]> {
  const found: EndpointId[] = [];
  for (;;) {
    const page = { offset: found.length, limit: pageLength };
    const { items, total } = await reader.endpoints.list({ ...filter, revoked: false }, byId, page);
    found.push(...items.map(({ id }) => id));
    if (items.length === 0 || found.length >= total) {
      return found;
    }
  }
}
