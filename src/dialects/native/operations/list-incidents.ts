import { guarded } from '../operation.ts';
import { listIncidents } from '../schemas/incident.ts';
import { showIncident } from '../show-incident.ts';

export const listIncidentsOperation = guarded(
  listIncidents,
  { permission: 'incidents.read', licence: [] },
  async ({ query }, { ports }) => {
    const { status, severity, starred, endpointId, externalId, createdFrom, createdTo, offset, limit } = query;
    const filter = {
      ...(status && { statuses: status }),
      ...(severity && { severities: severity }),
      ...(starred !== undefined && { starred: starred === 'true' }),
      ...(endpointId && { endpointIds: [endpointId] }),
      ...(externalId !== undefined && { externalIds: [externalId] }),
      ...(createdFrom !== undefined && { createdFrom: Date.parse(createdFrom) }),
      ...(createdTo !== undefined && { createdTo: Date.parse(createdTo) }),
    };
    const listing = await ports.store.read(({ incidents }) => incidents.list(filter, { offset, limit }), {
      search: true,
    });
    return { items: listing.items.map(showIncident), total: listing.total };
  },
);
