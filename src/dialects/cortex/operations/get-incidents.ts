import { z } from 'zod';
import type { IncidentOrder } from '#core/ports/store/incidents.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { filtersSchema } from '../filters.ts';
import { gatherIncidents } from '../incidents/gather-incidents.ts';
import { incidentFilter } from '../incidents/incident-filter.ts';
import { incidentItem } from '../incidents/incident-item.ts';
import { anyLicence } from '../licences.ts';
import { pageFields, pageOf } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { sortingBy } from '../sorting.ts';

const orders = {
  creation_time: 'createdAt',
  modification_time: 'updatedAt',
  incident_id: 'id',
} as const satisfies Record<string, IncidentOrder['by']>;

const fields = z.object({
  filters: filtersSchema.nullish(),
  sort: sortingBy(['creation_time', 'modification_time', 'incident_id']).nullish(),
  ...pageFields,
});

const newestFirst = { field: 'creation_time', direction: 'descending' } as const;

/** Get Incidents: those that meet every filter, a page at a time; by `modification_time` clients mirror them. */
export const getIncidents: GuardedOperation = {
  method: 'POST',
  paths: callPaths('incidents/get_incidents'),
  access: { permission: 'incidents.read', licence: anyLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readOptionalBody(request)).data);
    const filter = incidentFilter(asked.filters ?? []);
    const { field, direction } = asked.sort ?? newestFirst;
    const order = { by: orders[field], direction };
    return ports.store.read(
      async (reader) => {
        const { items, total } = await reader.incidents.list(filter, pageOf(asked), order);
        const gathered = await gatherIncidents(reader, items);
        const incidents = gathered.map((each) => incidentItem(each, ports.policy));
        return reply({ total_count: total, result_count: incidents.length, incidents });
      },
      { search: true },
    );
  },
};
