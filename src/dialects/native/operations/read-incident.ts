import { readIncident } from '#core/verbs/read-incident.ts';
import { guarded } from '../operation.ts';
import { readIncident as contract } from '../schemas/incident.ts';
import { showWholeIncident } from '../show-incident.ts';

export const readIncidentOperation = guarded(
  contract,
  { permission: 'incidents.read', licence: [] },
  async ({ parameters: { incident } }, { ports }) => showWholeIncident(await readIncident(ports, incident)),
);
