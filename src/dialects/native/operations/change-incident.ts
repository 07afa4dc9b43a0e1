import { changeIncident } from '#core/verbs/change-incident.ts';
import { guarded } from '../operation.ts';
import { changeIncident as contract } from '../schemas/incident.ts';
import { showIncident } from '../show-incident.ts';

export const changeIncidentOperation = guarded(
  contract,
  { permission: 'incidents.manage', licence: [] },
  async ({ parameters: { incident }, body }, { ports, principal }) => {
    const changes = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    return showIncident(await changeIncident(ports, principal, { incident, changes }));
  },
);
