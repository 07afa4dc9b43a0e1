import { guarded } from '../operation.ts';
import { findProcesses } from '../schemas/incident.ts';
import { showProcess } from '../show-incident.ts';

export const findProcessesOperation = guarded(
  findProcesses,
  { permission: 'incidents.read', licence: [] },
  async ({ query }, { ports }) => {
    const { offset, limit, running } = query;
    const filter = {
      ...(query.endpointId && { endpointIds: query.endpointId }),
      ...(query.incidentId && { incidentIds: query.incidentId }),
      ...(query.sha256 && { sha256: query.sha256 }),
      ...(query.pathContains && { pathContains: query.pathContains }),
      ...(query.commandLineContains && { commandLineContains: query.commandLineContains }),
      ...(query.userContains && { userNameContains: query.userContains }),
      ...(running !== undefined && { running: running === 'true' }),
    };
    const listing = await ports.store.read(({ incidents }) => incidents.processes(filter, { offset, limit }), {
      search: true,
    });
    const items = listing.items.map((each) => ({ ...showProcess(each), incidentId: each.incidentId }));
    return { items, total: listing.total };
  },
);
