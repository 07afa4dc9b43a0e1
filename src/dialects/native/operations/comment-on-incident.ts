import { commentOnIncident } from '#core/verbs/comment-on-incident.ts';
import { guarded } from '../operation.ts';
import { commentOnIncident as contract } from '../schemas/incident.ts';
import { showComment } from '../show-incident.ts';

export const commentOnIncidentOperation = guarded(
  contract,
  { permission: 'incidents.manage', licence: [] },
  async ({ parameters: { incident }, body: { text } }, { ports, principal }) =>
    showComment(await commentOnIncident(ports, principal, { incident, text })),
);
