import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { dialectNames } from '#core/action/action.ts';
import { occupiedPolicies } from '#core/action/verb.ts';
import { outcomeReasons, outcomes } from '#core/outcome.ts';
import { keptReasons } from '#core/remediation/kept-reason.ts';
import { remedies, rowFailures } from '#core/remediation/remediation.ts';
import { logStatuses } from '#core/remediation/remediation-log.ts';
import { approval } from './approval.ts';
import { type Contract, nothing } from './contract.ts';
import { actionId, endpointId, guid, instant, nullableInstant, reason, sha256, shownPath } from './values.ts';

const remedy = z.enum(remedies);
const person = z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() });

const row = z
  .object({
    machine: z.string().meta({ description: 'GUID of the endpoint, or what was given instead.' }),
    target: z.string().meta({ description: 'GUID of the file or a hash; empty where none was found.' }),
    remedy: z.string().meta({ description: 'As it was asked for.' }),
    status: z.enum(logStatuses),
    at: instant.meta({ description: 'Since when it has this status.' }),
    actionId: actionId
      .nullable()
      .meta({ description: 'The action that it became; null: none was needed, or it failed.' }),
    approval: approval.nullable().meta({ description: 'What its action waits, or waited, for; null: for nobody.' }),
    taken: z.object({ held: z.int(), restored: z.int(), purged: z.int(), lost: z.int() }).nullable().meta({
      description:
        'How many of the files that it put into vaults stand how now, whoever restored, undid or purged since; null: it took none.',
    }),
    error: z
      .object({
        failure: z.enum(rowFailures).nullable().meta({ description: 'Why nothing was ordered.' }),
        outcome: z.enum(outcomes).nullable().meta({ description: 'How the file ended, where it was ordered.' }),
        reason: z.enum(outcomeReasons).nullable(),
        message: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'RemediationRow' });

const remediation = z
  .object({
    id: z.string().meta({ description: 'A UUID.' }),
    incident: z.string().nullable().meta({ description: 'GUID of the incident, or what was given.' }),
    incidentId: z.string().nullable(),
    principal: person,
    claimedInitiator: z.string().nullable(),
    dialect: z.enum(dialectNames),
    createdAt: instant,
    endedAt: nullableInstant.meta({ description: 'When the last row ended; null while one has not.' }),
    abortedAt: nullableInstant,
    abortedBy: person.nullable(),
    rows: z.array(row).meta({ description: 'In the order of the request.' }),
  })
  .meta({ id: 'Remediation' });

const named = z.strictObject({ remediationId: z.string().max(64).meta({ description: 'A UUID.' }) });

export const findRemedies = {
  name: 'findRemedies',
  summary: 'What can really be done about the files of an incident, as rows for `remediate`.',
  description: 'What an agent would refuse, what is done already and what would be undone at once is left out.',
  method: 'GET',
  path: '/incidents/{incident}/remedies',
  parameters: z.strictObject({
    incident: z.string().min(1).max(64).meta({ description: 'Id, or GUID in either spelling.' }),
  }),
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      items: z.array(
        z
          .object({
            remedy,
            endpointId,
            hostName: z.string(),
            target: guid.meta({ description: 'What `remediate` takes.' }),
            path: shownPath,
            sha256: sha256.nullable(),
          })
          .meta({ id: 'PossibleRemedy' }),
      ),
    })
    .meta({ id: 'PossibleRemedies' }),
} as const satisfies Contract;

export const remediate = {
  name: 'remediate',
  summary: 'Orders many things about many files at once: quarantine, restore, block. Needs the permission of each.',
  description:
    'What cannot be ordered fails by itself, with the reason; the rest is ordered. Where an incident is named, a file whose bytes are no longer those that it is about is not touched.',
  method: 'POST',
  path: '/remediations',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      incidentId: z.string().min(1).max(1_024).optional(),
      reason,
      rows: z
        .array(
          z.strictObject({
            remedy,
            endpointId,
            target: z.string().min(1).max(256).optional().meta({
              description:
                'GUID of a file; of a quarantined one to restore it; or a hash to block. Without it, every file of the incident on this endpoint.',
            }),
          }),
        )
        .min(1)
        .max(500),
    })
    .meta({ id: 'RemediationRequest' }),
  example: {
    incidentId: '1234',
    rows: [{ remedy: 'quarantine', endpointId: '0123456789abcdef0123456789abcdef', target: '1234567890.42' }],
  },
  status: 201,
  reply: remediation,
} as const satisfies Contract;

export const listRemediations = {
  name: 'listRemediations',
  summary: 'The newest 50 remediations of an incident, newest first; without one, those that named none.',
  method: 'GET',
  path: '/remediations',
  parameters: nothing,
  query: z.strictObject({ incidentId: z.string().min(1).max(1_024).optional() }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(remediation) }).meta({ id: 'RemediationList' }),
} as const satisfies Contract;

export const readRemediation = {
  name: 'readRemediation',
  summary: 'One remediation, and how far each row of it is.',
  method: 'GET',
  path: '/remediations/{remediationId}',
  parameters: named,
  query: nothing,
  body: null,
  status: 200,
  reply: remediation,
} as const satisfies Contract;

export const abortRemediation = {
  name: 'abortRemediation',
  summary: 'Stops a remediation as far as it can be stopped. What was done, a blocked hash among it, is not undone.',
  method: 'POST',
  path: '/remediations/{remediationId}/abort',
  parameters: named,
  query: nothing,
  body: null,
  status: 200,
  reply: remediation,
} as const satisfies Contract;

const undoneRow = z
  .object({
    machine: z.string().meta({ description: 'As the row of the remediation says it.' }),
    target: z.string(),
    remedy: z.string(),
    actionId: actionId.nullable().meta({ description: 'The action that it had become; null: none.' }),
    result: z.enum(['undone', 'withdrawn', 'kept']).meta({
      description:
        'Undone: an action gives back what was taken. Withdrawn: no agent that is left had taken anything, and none will. Kept: left as it is.',
    }),
    undo: actionId.nullable().meta({ description: 'The action that gives the files back; of `undone`, never null.' }),
    asked: z.boolean().meta({ description: 'Whether an agent has the quarantine and was asked not to begin it.' }),
    removed: z.int().meta({
      description: 'Endpoints that took something, or may have, and were removed since: no order reaches their vaults.',
    }),
    kept: z
      .object({ reason: z.enum(keptReasons), message: z.string().meta({ description: 'Why, and what to do.' }) })
      .nullable(),
  })
  .meta({ id: 'UndoneRemediationRow' });

export const undoRemediation = {
  name: 'undoRemediation',
  summary:
    'Takes every quarantine of a remediation back: each file that they took, on every endpoint, goes to where it was.',
  description:
    'What of them is open is withdrawn in the same act. Endpoints that are away give their files back when they return. Restores and blocked hashes stay as they are, and what cannot be undone is told row by row; where that is all of it, nothing happens and the call is refused. Nobody has to approve it, and it can be repeated.',
  method: 'POST',
  path: '/remediations/{remediationId}/undo',
  parameters: named,
  query: nothing,
  body: z
    .strictObject({
      ifOccupied: z.enum(occupiedPolicies).default('fail').meta({
        description: 'When something has a file’s name: do nothing, use a name beside it, or take that into the vault.',
      }),
      allow: z.boolean().default(false).meta({
        description:
          'Puts blocked hashes of what was taken on the allow list first; needs the permission lists.manage.',
      }),
      reason,
    })
    .meta({ id: 'RemediationUndo' }),
  example: { ifOccupied: 'fail' },
  status: 201,
  reply: z
    .object({
      remediationId: z.string(),
      counts: z
        .object({
          undone: z.int(),
          withdrawn: z.int(),
          kept: z.int(),
          keptFor: z
            .partialRecord(z.enum(keptReasons), z.int())
            .meta({ description: 'Of `kept`, how many for which reason; reasons of none are left out.' }),
          removed: z.int().meta({ description: 'Rows that are not kept, and of which `removed` is not 0.' }),
        })
        .meta({ id: 'UndoneRemediationCounts', description: 'How many rows came to what.' }),
      rows: z.array(undoneRow).meta({ description: 'In the order of the remediation.' }),
    })
    .meta({ id: 'UndoneRemediation' }),
} as const satisfies Contract;
