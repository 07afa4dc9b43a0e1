import { z } from 'zod';
import type { Reader } from '#core/ports/store/store.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { auditedEndpoints } from '../audit/audited-endpoints.ts';
import { managementItem } from '../audit/management-item.ts';
import { managementOrder, managementSearch, managementSortFields } from '../audit/management-search.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { pageFields, pageOf } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { sortingBy } from '../sorting.ts';

const fields = z.object({
  filters: filtersSchema.nullish(),
  sort: sortingBy(managementSortFields).nullish(),
  ...pageFields,
});

const newestFirst = { field: 'timestamp', direction: 'descending' } as const;

/** Get Audit Management Logs: what people did, and what the server did by itself. */
export const managementLogs: GuardedOperation = {
  method: 'POST',
  paths: callPaths('audits/management_logs'),
  access: { permission: 'events.read', licence: anyLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readOptionalBody(request)).data);
    const search = managementSearch(asked.filters ?? []);
    const order = managementOrder(asked.sort ?? newestFirst);
    return ports.store.read(
      async (reader: Reader) => {
        const { items, total } = await reader.events.search(search, order, pageOf(asked));
        const endpoints = await auditedEndpoints(reader, items);
        const data = items.map((event) => managementItem(event, endpoints.get(event.endpointId)));
        return reply({ total_count: total, result_count: data.length, data });
      },
      { search: true },
    );
  },
};
