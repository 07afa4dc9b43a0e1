import { z } from 'zod';
import { alertSeverities } from '#core/incident/alert.ts';
import { type ReportedAlert, reportAlerts } from '#core/verbs/report-alerts.ts';
import { wholeNumberText } from '#core/whole-number.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { alertText, longestTexts } from '../incidents/alert-text.ts';
import { alertLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

/** The vendor's. */
const mostAlerts = 60;

const said = alertText(longestTexts.short).trim().min(1, 'must not be empty');
const unsaid = alertText(longestTexts.short)
  .trim()
  .nullish()
  .transform((text) => text ?? '');

/** One connector sends numbers, the vendor's page shows text. */
const port = z
  .union([z.int(), z.string().regex(/^\d{0,5}$/)], 'must be a port')
  .transform((given) => (given === '' ? null : Number(given)))
  .refine((given) => given === null || (given >= 0 && given <= 65_535), 'must be a port')
  .nullish();

const time = z.union([z.int().min(0), wholeNumberText], 'must be a time in milliseconds since 1970');

const severity = z
  .string('must be a string')
  .trim()
  .toLowerCase()
  .pipe(z.enum(alertSeverities, `must be one of ${alertSeverities.join(', ')}`));

const alert = z.object(
  {
    product: said,
    vendor: said,
    severity,
    alert_name: said,
    alert_description: alertText(longestTexts.long)
      .nullish()
      .transform((text) => text ?? ''),
    event_timestamp: time.nullish(),
    local_ip: unsaid,
    local_ip_v6: unsaid,
    local_port: port,
    remote_ip: unsaid,
    remote_ip_v6: unsaid,
    remote_port: port,
    action_status: unsaid,
  },
  'must be an object',
);

const fields = z.object({
  alerts: z
    .array(alert, 'must be a list of alerts')
    .min(1, 'must hold an alert')
    .max(mostAlerts, `must hold at most ${mostAlerts} alerts: insert the others by further requests`),
});

/** Insert Parsed Alerts: each joins an incident, or opens one. */
export const insertParsedAlerts: GuardedOperation = {
  method: 'POST',
  paths: callPaths('alerts/insert_parsed_alerts'),
  access: { permission: 'incidents.manage', licence: alertLicence },
  async run({ request, ports, principal }) {
    const { alerts } = readFields(fields, (await readBody(request)).data);
    await reportAlerts(ports, { origin: { principal, dialect: 'cortex' }, alerts: alerts.map(reported) });
    return reply(true);
  },
};

function reported(given: z.output<typeof alert>): ReportedAlert {
  return {
    name: given.alert_name,
    description: given.alert_description,
    severity: given.severity,
    source: `${given.vendor} ${given.product}`,
    category: '',
    action: given.action_status,
    externalId: null,
    detectedAt: given.event_timestamp ?? null,
    hostName: '',
    userName: '',
    localAddress: given.local_ip || given.local_ip_v6,
    localPort: given.local_port ?? null,
    remoteAddress: given.remote_ip || given.remote_ip_v6,
    remotePort: given.remote_port ?? null,
    filePath: '',
    sha256: null,
  };
}
