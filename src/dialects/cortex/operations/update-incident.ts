import { z } from 'zod';
import { type Incident, incidentSeverities } from '#core/incident/incident.ts';
import type { IncidentChanges } from '#core/verbs/change-incident.ts';
import { findIncident } from '#core/verbs/resolve-incident.ts';
import { updateIncident } from '#core/verbs/update-incident.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { incidentMissing, incidentReference } from '../incidents/incident-reference.ts';
import { readStatusWord, statusWords, wordOfStatus } from '../incidents/incident-statuses.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const call = 'update_incident';
const longestMail = 254;

/** Takes back what was there before. */
const isNone = (text: string) => /^(none)?$/i.test(text.trim());

const mail = z
  .string('must be a string')
  .max(longestMail, `must have at most ${longestMail} characters`)
  .refine((text) => isNone(text) || /^[^\s@\0]+@[^\s@\0]+$/.test(text.trim()), 'must be an e-mail address, or none')
  .transform((text) => (isNone(text) ? null : text.trim()));

const severity = z
  .string('must be a string')
  .transform((text) => (isNone(text) ? null : text.trim().toLowerCase()))
  .pipe(z.enum(incidentSeverities, `must be one of ${incidentSeverities.join(', ')}, or none`).nullable());

const status = z.string('must be a string').transform((text, context) => {
  const word = readStatusWord(text);
  if (word === undefined) {
    context.addIssue(`must be one of ${statusWords.join(', ')}`);
    return z.NEVER;
  }
  return word;
});

const comment = z.object(
  {
    comment_action: z.literal('add', 'must be add'),
    value: z.string('must be a string'),
  },
  'must be an object with comment_action and value',
);

/** Null says as little as no field at all. */
function given<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => value ?? undefined, schema.optional());
}

const fields = z.object({
  incident_id: incidentReference,
  update_data: z.object(
    {
      assigned_user_mail: given(mail),
      manual_severity: given(severity),
      status: given(status),
      resolve_comment: given(z.string('must be a string')),
      comment: given(comment),
    },
    'must be an object',
  ),
});

type UpdateData = z.output<typeof fields>['update_data'];

/** Update Incident: what is given changes, and what is not, stays. */
export const updateIncidentOperation: GuardedOperation = {
  method: 'POST',
  paths: callPaths(`incidents/${call}`),
  access: { permission: 'incidents.manage', licence: anyLicence },
  async run({ request, ports, principal }) {
    const { incident_id: incident, update_data: update } = readFields(fields, (await readBody(request)).data);
    const before = await ports.store.read((reader) => findIncident(reader, incident));
    if (before === undefined) {
      throw incidentMissing(call);
    }
    const changes = changesOf(before, update);
    await updateIncident(ports, principal, { incident: before.id, changes, comment: update.comment?.value });
    return reply(true);
  },
};

/** A word that the incident shows already changes nothing: the vendor has one word for several of our statuses. */
function changesOf(before: Incident, update: UpdateData): IncidentChanges {
  const { assigned_user_mail: assignedTo, manual_severity: manualSeverity, resolve_comment: resolveComment } = update;
  const { status: word = wordOfStatus(before.status) } = update;
  return {
    ...(assignedTo !== undefined && { assignedTo }),
    ...(manualSeverity !== undefined && { manualSeverity }),
    ...(resolveComment !== undefined && { resolveComment }),
    ...(word !== wordOfStatus(before.status) && { status: word }),
  };
}
