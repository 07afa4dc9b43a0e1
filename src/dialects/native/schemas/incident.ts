import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { dialectNames } from '#core/action/action.ts';
import { incidentSeverities, incidentStatuses } from '#core/incident/incident.ts';
import { type Contract, nothing } from './contract.ts';
import { custodyEvent } from './event.ts';
import { limit, offset, total } from './paging.ts';
import { endpointId, guid, incidentId, instant, nullableInstant, path, sha256, shownPath } from './values.ts';

const severity = z.enum(incidentSeverities);
const status = z.enum(incidentStatuses);
const person = z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() });

const incident = z
  .object({
    id: z.string().meta({ description: 'Digits only.' }),
    guid: guid.meta({ description: "What Cybereason's clients call the GUID of the MalOp." }),
    name: z.string(),
    description: z.string(),
    severity: severity.meta({ description: 'As it was reported.' }),
    manualSeverity: severity.nullable().meta({ description: 'As a person judged; null: nobody has.' }),
    starred: z.boolean(),
    status,
    assignedTo: z.string().nullable(),
    createdBy: person,
    dialect: z.enum(dialectNames),
    createdAt: instant,
    updatedAt: instant,
    resolvedAt: nullableInstant,
    resolveComment: z.string().meta({ description: 'What was said when it was resolved; empty where nothing was.' }),
    externalId: z.string().nullable().meta({ description: 'What the system that reported it calls it.' }),
  })
  .meta({ id: 'Incident' });

const observedFile = z
  .object({ guid, endpointId, path: shownPath, sha256: sha256.nullable() })
  .meta({ id: 'ObservedFile' });

const observedProcess = z
  .object({
    guid,
    endpointId,
    path: shownPath,
    sha256: sha256.nullable(),
    pid: z.int().nullable(),
    commandLine: z.string().nullable(),
    userName: z.string().nullable(),
    startedAt: nullableInstant,
    endedAt: nullableInstant,
  })
  .meta({ id: 'ObservedProcess' });

const comment = z.object({ id: z.string(), at: instant, author: person, text: z.string() }).meta({ id: 'Comment' });

const hold = z
  .object({ reason: z.string(), at: instant, by: person })
  .meta({ id: 'Hold', description: 'What was fetched for the incident, or is about it, is not deleted meanwhile.' });

const wholeIncident = incident
  .extend({
    hold: hold.nullable(),
    endpointIds: z.array(endpointId),
    files: z.array(observedFile),
    processes: z.array(observedProcess),
    comments: z.array(comment).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'WholeIncident' });

const line = z.string().max(32_768);

const reportedFile = z.strictObject({ endpointId, path, sha256: sha256.optional() }).meta({ id: 'ReportedFile' });

const reportedProcess = z
  .strictObject({
    endpointId,
    path: path.meta({ description: 'Of the program.' }),
    sha256: sha256.optional(),
    pid: z
      .int()
      .min(0)
      .max(2 ** 32)
      .optional(),
    commandLine: line.optional(),
    userName: z.string().max(1_000).optional(),
    startedAt: instant.optional(),
    endedAt: instant.optional(),
  })
  .meta({ id: 'ReportedProcess' });

const mostObservations = 1_000;

const observations = {
  endpointIds: z.array(endpointId).max(mostObservations).default([]),
  files: z.array(reportedFile).max(mostObservations).default([]),
  processes: z.array(reportedProcess).max(mostObservations).default([]),
};

const named = z.strictObject({
  incident: z.string().min(1).max(64).meta({ description: 'Id, or GUID in either spelling.' }),
});

export const createIncident = {
  name: 'createIncident',
  summary: 'Opens an incident. One that was reported before, by the same externalId, is returned as it is.',
  method: 'POST',
  path: '/incidents',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      name: z.string().min(1).max(1_000),
      description: z.string().max(65_536).default(''),
      severity: severity.default('medium'),
      externalId: z.string().min(1).max(1_024).optional(),
      ...observations,
    })
    .meta({ id: 'NewIncident' }),
  example: {
    name: 'Phishing',
    severity: 'high',
    files: [{ endpointId: '0123456789abcdef0123456789abcdef', path: '/tmp/eicar.com' }],
  },
  status: 201,
  reply: z.object({ incident, created: z.boolean() }).meta({ id: 'CreatedIncident' }),
} as const satisfies Contract;

export const listIncidents = {
  name: 'listIncidents',
  summary: 'Incidents, newest first.',
  method: 'GET',
  path: '/incidents',
  parameters: nothing,
  query: z.strictObject({
    status: z.array(status).optional(),
    severity: z.array(severity).optional().meta({ description: 'As people judged, where they have.' }),
    starred: z.enum(['true', 'false']).optional(),
    endpointId: endpointId.optional(),
    externalId: z.string().min(1).max(1_024).optional(),
    createdFrom: instant.optional(),
    createdTo: instant.optional(),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(incident), total }).meta({ id: 'IncidentList' }),
} as const satisfies Contract;

export const readIncident = {
  name: 'readIncident',
  summary: 'One incident with its endpoints, files, processes and comments; the first 1000 of each.',
  method: 'GET',
  path: '/incidents/{incident}',
  parameters: named,
  query: nothing,
  body: null,
  status: 200,
  reply: wholeIncident,
} as const satisfies Contract;

const parts = z.array(z.string().min(1).max(1_024)).max(100).optional();

export const findProcesses = {
  name: 'findProcesses',
  summary: 'Processes that incidents tell of and for which every condition holds; within one, any of its values.',
  description:
    'Agents keep no list of processes: what runs a file now, a live search tells. Parts of texts are found anywhere within and in any case.',
  method: 'GET',
  path: '/processes',
  parameters: nothing,
  query: z.strictObject({
    endpointId: z.array(endpointId).max(1_000).optional(),
    incidentId: z.array(incidentId).max(1_000).optional(),
    sha256: z.array(sha256).max(1_000).optional(),
    pathContains: parts,
    commandLineContains: parts,
    userContains: parts,
    running: z.enum(['true', 'false']).optional().meta({ description: 'Whether nobody has said that they ended.' }),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z
    .object({ items: z.array(observedProcess.extend({ incidentId: z.string() })), total })
    .meta({ id: 'ProcessList' }),
} as const satisfies Contract;

export const changeIncident = {
  name: 'changeIncident',
  summary: 'Changes what is given of an incident.',
  method: 'POST',
  path: '/incidents/{incident}/changes',
  parameters: named,
  query: nothing,
  body: z
    .strictObject({
      name: z.string().min(1).max(1_000).optional(),
      description: z.string().max(65_536).optional(),
      severity: severity.optional(),
      manualSeverity: severity.nullable().optional(),
      starred: z.boolean().optional(),
      status: status.optional(),
      resolveComment: z.string().max(16_384).optional(),
      assignedTo: z.string().min(1).max(254).nullable().optional(),
    })
    .meta({ id: 'IncidentChanges' }),
  status: 200,
  reply: incident,
} as const satisfies Contract;

export const observeIncident = {
  name: 'observeIncident',
  summary: 'Adds endpoints, files and processes to an incident.',
  method: 'POST',
  path: '/incidents/{incident}/observations',
  parameters: named,
  query: nothing,
  body: z.strictObject(observations).meta({ id: 'Observations' }),
  status: 200,
  reply: incident,
} as const satisfies Contract;

export const commentOnIncident = {
  name: 'commentOnIncident',
  summary: 'Keeps what somebody says of an incident.',
  method: 'POST',
  path: '/incidents/{incident}/comments',
  parameters: named,
  query: nothing,
  body: z.strictObject({ text: z.string().min(1).max(16_384) }).meta({ id: 'NewComment' }),
  status: 201,
  reply: comment,
} as const satisfies Contract;

const why = z.strictObject({ reason: z.string().min(1).max(1_000) }).meta({ id: 'Reason' });

export const holdIncident = {
  name: 'holdIncident',
  summary: 'Puts an incident on hold: evidence of it is not deleted. One that is on hold stays as it was held.',
  method: 'POST',
  path: '/incidents/{incident}/hold',
  parameters: named,
  query: nothing,
  body: why,
  status: 200,
  reply: hold,
} as const satisfies Contract;

export const releaseIncident = {
  name: 'releaseIncident',
  summary: 'Releases an incident from its hold: what only it kept may be deleted from now on.',
  method: 'POST',
  path: '/incidents/{incident}/release',
  parameters: named,
  query: nothing,
  body: why,
  status: 204,
  reply: null,
} as const satisfies Contract;

export const readTimeline = {
  name: 'readTimeline',
  summary: 'What happened to an incident and in every action that was ordered for it, in order.',
  method: 'GET',
  path: '/incidents/{incident}/timeline',
  parameters: named,
  query: z.strictObject({ after: z.coerce.number<number>().int().min(0).default(0), limit }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(custodyEvent) }).meta({ id: 'Timeline' }),
} as const satisfies Contract;
