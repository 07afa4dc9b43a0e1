import { z } from 'zod';
import { type ReportedAlert, reportAlerts } from '#core/verbs/report-alerts.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { alertOfCef } from '../incidents/alert-of-cef.ts';
import { alertText, longestTexts } from '../incidents/alert-text.ts';
import { parseCef } from '../incidents/cef.ts';
import { cefLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

/** As many as the vendor takes in a minute. */
const mostAlerts = 600;

const alert = alertText(longestTexts.long).transform((line, context): ReportedAlert => {
  const parsed = parseCef(line);
  if (parsed === undefined || parsed.name === '') {
    context.addIssue('must be a CEF line with a name: CEF:0|vendor|product|version|signature|name|severity|extension');
    return z.NEVER;
  }
  const given = alertOfCef(parsed);
  const tooLong = Object.entries(given).find(
    ([field, value]) => field !== 'description' && typeof value === 'string' && value.length > longestTexts.short,
  );
  if (tooLong !== undefined) {
    context.addIssue(`has more than ${longestTexts.short} characters in its ${tooLong[0]}`);
    return z.NEVER;
  }
  return given;
});

const fields = z.object({
  alerts: z
    .array(alert, 'must be a list of CEF lines')
    .min(1, 'must hold an alert')
    .max(mostAlerts, `must hold at most ${mostAlerts} alerts: insert the others by further requests`),
});

/** Insert CEF Alerts: as parsed ones; a line that is none refuses all of them, so that none is lost unnoticed. */
export const insertCefAlerts: GuardedOperation = {
  method: 'POST',
  paths: callPaths('alerts/insert_cef_alerts'),
  access: { permission: 'incidents.manage', licence: cefLicence },
  async run({ request, ports, principal }) {
    const { alerts } = readFields(fields, (await readBody(request)).data);
    await reportAlerts(ports, { origin: { principal, dialect: 'cortex' }, alerts });
    return reply(true);
  },
};
