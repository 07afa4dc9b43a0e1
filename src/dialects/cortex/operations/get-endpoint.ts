import { z } from 'zod';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointFilter, EndpointOrder } from '#core/ports/store/endpoints.ts';
import type { Listing, Page } from '#core/ports/store/page.ts';
import type { Records } from '#core/ports/store/store.ts';
import { lastScans } from '#core/verbs/last-scans.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { endpointFilter } from '../endpoint-filter.ts';
import { endpointItem } from '../endpoint-item.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { asEnrolled, pageFields, pageOf, sortSchema } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const fields = z.object({
  /** Other calls have the text "all" here, and clients know one way to write filters. */
  filters: z.preprocess((value) => (value === 'all' ? [] : value), filtersSchema.nullish()),
  sort: sortSchema.nullish(),
  ...pageFields,
});

/** Get Endpoint: endpoints that meet every filter, a page at a time. */
export const getEndpoint: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/get_endpoint'),
  access: { permission: 'endpoints.read', licence: anyLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readOptionalBody(request)).data);
    const now = ports.clock.now();
    const filter = endpointFilter(asked.filters ?? [], now);
    const { items, total } =
      filter === undefined
        ? { items: [], total: 0 }
        : await list(ports.store, filter, { order: asked.sort ?? asEnrolled, page: pageOf(asked) });
    const ids = items.map(({ id }) => id);
    const scans = await ports.store.read((reader) => lastScans(reader, ids, now));
    const endpoints = items.map((endpoint) => endpointItem(endpoint, scans.get(endpoint.id) ?? 'none', now));
    return reply({ total_count: total, result_count: endpoints.length, endpoints });
  },
};

/** The total counts on an empty page too: one client's paging ends by it. */
async function list(
  store: Records,
  filter: EndpointFilter,
  view: { readonly order: EndpointOrder; readonly page: Page },
): Promise<Listing<Endpoint>> {
  const { order, page } = view;
  const limit = Math.max(1, page.limit);
  const { items, total } = await store.read(({ endpoints }) => endpoints.list(filter, order, { ...page, limit }), {
    search: true,
  });
  return { items: items.slice(0, page.limit), total };
}
