import { z } from 'zod';
import { alertSeverities, isAlertId } from '#core/incident/alert.ts';
import { isIncidentId } from '#core/incident/incident-id.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { endpointId, instant, sha256 } from './values.ts';

const severity = z.enum(alertSeverities);
const port = z.int().min(0).max(65_535).nullable();

const alert = z
  .object({
    id: z.string().meta({ description: 'Digits only.' }),
    incidentId: z.string().meta({ description: 'The incident that it belongs to.' }),
    name: z.string(),
    description: z.string(),
    severity,
    source: z.string(),
    category: z.string(),
    action: z.string().meta({ description: 'What was done about it where it was detected.' }),
    externalId: z.string().nullable(),
    detectedAt: instant,
    receivedAt: instant,
    endpointId: endpointId.nullable().meta({ description: 'The one endpoint that it names beyond doubt.' }),
    hostName: z.string(),
    userName: z.string(),
    localAddress: z.string(),
    localPort: port,
    remoteAddress: z.string(),
    remotePort: port,
    filePath: z.string(),
    sha256: sha256.nullable(),
  })
  .meta({ id: 'Alert' });

/** One line of text that says what it seems to say. */
const hostile = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;
const line = z
  .string()
  .max(1_000)
  .refine((text) => text.isWellFormed() && !hostile.test(text), 'must be one line of printable text');
const unsaid = line.default('');

const reportedAlert = z
  .strictObject({
    name: line.min(1),
    description: z
      .string()
      .max(32_768)
      .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be text')
      .default(''),
    severity,
    source: line.min(1).meta({ description: 'Vendor and product of whatever detected it.' }),
    category: unsaid,
    action: unsaid,
    externalId: line.min(1).optional().meta({
      description: 'What its system calls it: one that was reported before, by source and this, is left as it is.',
    }),
    detectedAt: instant.optional().meta({ description: 'Default: now.' }),
    hostName: unsaid,
    userName: unsaid,
    localAddress: unsaid,
    localPort: port.default(null),
    remoteAddress: unsaid,
    remotePort: port.default(null),
    filePath: unsaid,
    sha256: sha256.optional(),
  })
  .meta({ id: 'ReportedAlert' });

export const reportAlerts = {
  name: 'reportAlerts',
  summary: 'Keeps alerts of other systems, each within an incident. All of them, or none.',
  description:
    'Each joins the newest open incident about the same file, else about the same endpoint, else with alerts of its kind from its place; else an incident is opened for it. `listAlerts` tells which.',
  method: 'POST',
  path: '/alerts',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ alerts: z.array(reportedAlert).min(1).max(100) }).meta({ id: 'AlertReport' }),
  example: {
    alerts: [
      { name: 'Ransomware behaviour', severity: 'high', source: 'Acme NDR', externalId: 'a-17', hostName: 'web-1' },
    ],
  },
  status: 204,
  reply: null,
} as const satisfies Contract;

const texts = z.array(z.string().min(1).max(1_024)).max(1_000).optional();

export const listAlerts = {
  name: 'listAlerts',
  summary: 'Alerts that match every given condition, newest first unless another order is asked for.',
  method: 'GET',
  path: '/alerts',
  parameters: nothing,
  query: z.strictObject({
    id: z.array(z.string().refine(isAlertId, 'is no id of an alert')).max(1_000).optional(),
    incidentId: z.array(z.string().refine(isIncidentId, 'is no id of an incident')).max(1_000).optional(),
    source: texts,
    severity: z.array(severity).optional(),
    externalId: texts,
    detectedFrom: instant.optional(),
    detectedTo: instant.optional(),
    receivedFrom: instant.optional(),
    receivedTo: instant.optional(),
    order: z.enum(['detectedAt', 'receivedAt', 'severity']).default('detectedAt'),
    direction: z.enum(['ascending', 'descending']).default('descending'),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(alert), total }).meta({ id: 'AlertList' }),
} as const satisfies Contract;
