import { z } from 'zod';
import type { Json } from '#core/custody/event.ts';
import type { Incident } from '#core/incident/incident.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { findIncident } from '#core/verbs/resolve-incident.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { alertItem } from '../incidents/alert-item.ts';
import { fileArtifacts, networkArtifacts } from '../incidents/artifacts.ts';
import { gatherIncidents } from '../incidents/gather-incidents.ts';
import { commentItem, incidentItem } from '../incidents/incident-item.ts';
import { incidentMissing, incidentReference } from '../incidents/incident-reference.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const call = 'get_incident_extra_data';
/** The one rate that the vendor documents. */
const mostPerMinute = 10;
const mostAlerts = 1_000;
const mostComments = 1_000;

const fields = z.object({
  incident_id: incidentReference,
  alerts_limit: z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ],
      'must be a whole number',
    )
    .refine((limit) => limit >= 0, 'must not be negative')
    .nullish(),
});

/** Get Extra Incident Data: one incident with its comments, alerts, files and addresses. */
export const getIncidentExtraData: GuardedOperation = {
  method: 'POST',
  paths: callPaths(`incidents/${call}`),
  access: { permission: 'incidents.read', licence: anyLicence },
  async run({ request, ports, principal }) {
    const asked = readFields(fields, (await readBody(request)).data);
    ports.callLimits.count(principal, call, mostPerMinute);
    const limit = Math.min(mostAlerts, asked.alerts_limit ?? mostAlerts);
    return ports.store.read(async (reader) => {
      const incident = await findIncident(reader, asked.incident_id);
      if (incident === undefined) {
        throw incidentMissing(call);
      }
      return reply(await extraData({ ports, reader, limit }, incident));
    });
  },
};

interface Asking {
  readonly ports: Pick<Ports, 'policy' | 'clock'>;
  readonly reader: Reader;
  /** Of alerts. */
  readonly limit: number;
}

async function extraData({ ports, reader, limit }: Asking, incident: Incident): Promise<Json> {
  const [gathered] = await gatherIncidents(reader, [incident]);
  const comments = await reader.incidents.lastComments([incident.id], mostComments);
  const newestFirst = { by: 'detectedAt', direction: 'descending' } as const;
  const alerts = await reader.alerts.list({ incidentIds: [incident.id] }, newestFirst, { offset: 0, limit });
  return {
    incident: {
      ...(gathered === undefined ? {} : incidentItem(gathered, ports.policy)),
      comments: comments.get(incident.id)?.items.map(commentItem) ?? [],
    },
    alerts: { total_count: alerts.total, data: alerts.items.map(alertItem) },
    network_artifacts: networkArtifacts(alerts.items),
    file_artifacts: await fileArtifacts(reader, { incident, alerts: alerts.items, now: ports.clock.now() }),
  };
}
