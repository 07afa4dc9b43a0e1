import { observeIncident } from '#core/verbs/observe-incident.ts';
import { guarded } from '../operation.ts';
import { observeIncident as contract } from '../schemas/incident.ts';
import { readObservations, showIncident } from '../show-incident.ts';

export const observeIncidentOperation = guarded(
  contract,
  { permission: 'incidents.manage', licence: [] },
  async ({ parameters: { incident }, body }, { ports, principal }) =>
    showIncident(await observeIncident(ports, principal, { incident, ...readObservations(body) })),
);
