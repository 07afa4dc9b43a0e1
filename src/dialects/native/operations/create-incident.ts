import { createIncident } from '#core/verbs/create-incident.ts';
import { guarded } from '../operation.ts';
import { createIncident as contract } from '../schemas/incident.ts';
import { readObservations, showIncident } from '../show-incident.ts';

export const createIncidentOperation = guarded(
  contract,
  { permission: 'incidents.manage', licence: [] },
  async ({ body }, { ports, principal }) => {
    const { name, description, severity, externalId } = body;
    const { incident, created } = await createIncident(ports, {
      origin: { principal, dialect: 'native' },
      ...{ name, description, severity, externalId },
      ...readObservations(body),
    });
    return { incident: showIncident(incident), created };
  },
);
