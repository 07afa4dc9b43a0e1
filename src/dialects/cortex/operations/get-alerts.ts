import { z } from 'zod';
import type { AlertOrder } from '#core/ports/store/alerts.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { filtersSchema } from '../filters.ts';
import { alertFilter } from '../incidents/alert-filter.ts';
import { alertWithEvents } from '../incidents/alert-item.ts';
import { anyLicence } from '../licences.ts';
import { pageFields, pageOf } from '../page.ts';
import { bothEnds, callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { sortingBy } from '../sorting.ts';

const orders = {
  creation_time: 'detectedAt',
  server_creation_time: 'receivedAt',
  severity: 'severity',
} as const satisfies Record<string, AlertOrder['by']>;

const fields = z.object({
  filters: filtersSchema.nullish(),
  sort: sortingBy(['creation_time', 'server_creation_time', 'severity']).nullish(),
  ...pageFields,
});

const newestFirst = { field: 'creation_time', direction: 'descending' } as const;

/** Get Alerts, under all three of its names: an alert that was inserted is one event. */
export const getAlerts: GuardedOperation = {
  method: 'POST',
  paths: [
    ...callPaths('alerts/get_alerts_multi_events', 'alerts/get_alerts'),
    ...bothEnds('/public_api/v2/alerts/get_alerts_multi_events'),
  ],
  access: { permission: 'incidents.read', licence: anyLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readOptionalBody(request)).data);
    const filter = alertFilter(asked.filters ?? []);
    const { field, direction } = asked.sort ?? newestFirst;
    return ports.store.read(
      async ({ alerts }) => {
        const { items, total } = await alerts.list(filter, { by: orders[field], direction }, pageOf(asked));
        return reply({ total_count: total, result_count: items.length, alerts: items.map(alertWithEvents) });
      },
      { search: true },
    );
  },
};
