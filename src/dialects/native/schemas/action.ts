import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { dialectNames } from '#core/action/action.ts';
import { actionStatuses } from '#core/action/action-status.ts';
import { taskStates } from '#core/action/task-state.ts';
import { occupiedPolicies, verbs } from '#core/action/verb.ts';
import { haltRules, ringStates, ringWaits, rolloutStages } from '#core/guard/rings.ts';
import { outcomeReasons, outcomes } from '#core/outcome.ts';
import { outcomeDetailsSchema, vaultEffects } from '#core/outcome-details.ts';
import { dispatchObstacles } from '#core/ports/dispatch.ts';
import { approval } from './approval.ts';
import { type Contract, eventStream, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { searchPattern } from './search-pattern.ts';
import { inverse, stop } from './stop.ts';
import { evidenceState } from './stored-evidence.ts';
import {
  actionId,
  endpointId,
  givenReason,
  guid,
  instant,
  nullableInstant,
  reason,
  sha256,
  shownPath,
  taskId,
  vaultObject,
} from './values.ts';

const status = z.enum(actionStatuses);

export const action = z
  .object({
    id: actionId,
    verb: z.enum(verbs),
    status,
    principal: z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() }),
    claimedInitiator: z.string().nullable().meta({
      description: 'Who the request said had asked, where that is not the principal; it authorised nothing.',
    }),
    reason: z.string().nullable().meta({ description: 'Why, in the words of whoever asked.' }),
    dialect: z.enum(dialectNames),
    incidentId: z.string().nullable(),
    batchNumber: z.int().nullable(),
    createdAt: instant,
    deadline: instant,
    closedAt: nullableInstant,
    endpointsCount: z.int(),
    approval: approval.nullable().meta({ description: 'Null: it was never too wide to go out by itself.' }),
  })
  .meta({ id: 'Action' });

const fileOutcome = z
  .object({
    taskId: taskId.meta({ description: 'The attempt that settled it.' }),
    ordinal: z.int().meta({ description: 'Within that task.' }),
    outcome: z.enum(outcomes),
    reason: z.enum(outcomeReasons).nullable(),
    message: z.string(),
    path: shownPath.nullable(),
    guid: guid.nullable(),
    sha256: sha256.nullable(),
    size: z.int().nullable(),
    vaultObject: z.string().nullable(),
    effect: z.enum(vaultEffects).nullable().meta({ description: 'What became of the vault object.' }),
    losses: z.array(z.string()).meta({ description: 'What could not be brought back exactly.' }),
    details: outcomeDetailsSchema,
    endedAt: instant,
    deliveredAt: nullableInstant,
    evidence: evidenceState.nullable().meta({ description: 'What became of the bytes; null where none were fetched.' }),
  })
  .meta({ id: 'FileOutcome' });

const upload = z
  .object({
    bytesReceived: z.int().meta({ description: 'Safe on the server’s disk: no crash takes them back.' }),
    bytesTotal: z.int().meta({ description: 'Of the files that were begun, or have come, as their agents say.' }),
    files: z.int().meta({ description: 'How many these are; agents begin one file after the other.' }),
  })
  .nullable()
  .meta({
    description:
      'What has come of the files that agents are sending, as far as this server has heard since it started. Null: nothing is on its way, or it has ended.',
  });

const earlierAttempt = z
  .object({
    id: taskId,
    attempt: z.int(),
    retriedBy: taskId.nullable(),
    state: z.enum(taskStates),
    status,
    deadline: instant,
    acceptedAt: nullableInstant,
    endedAt: nullableInstant,
    files: z.array(fileOutcome),
  })
  .meta({ id: 'EarlierAttempt' });

const task = z
  .object({
    id: taskId,
    attempt: z.int().meta({ description: '1, and one more with each retry on this endpoint.' }),
    endpointId,
    hostName: z.string().nullable(),
    state: z.enum(taskStates),
    status,
    waitsFor: z
      .object({ reason: z.enum(dispatchObstacles), message: z.string() })
      .nullable()
      .meta({ description: 'What keeps the order from leaving, beside an endpoint that is away; null: nothing.' }),
    unconfirmed: z
      .object({
        wantedAt: instant.meta({ description: 'When it was ordered, let out or confirmed last.' }),
        keptBackAt: nullableInstant.meta({
          description: 'When its endpoint was there and did not get it; null: it has not been there since.',
        }),
      })
      .nullable()
      .meta({ description: 'Set while it waits to be confirmed anew (`confirmAction`), because it is old.' }),
    upload,
    paths: z.array(shownPath).meta({ description: 'What it names; empty where it goes by hash.' }),
    sha256: sha256.nullable(),
    undoes: actionId.nullable().meta({ description: 'The quarantine that it takes back there.' }),
    pattern: searchPattern.nullable().meta({ description: 'What a search looks for.' }),
    options: z
      .object({
        overrideProtection: z.boolean(),
        ifOccupied: z.enum(occupiedPolicies),
        vaultObject,
        vaultObjects: z.array(vaultObject).meta({ description: 'Of a purge that names several.' }),
        live: z.boolean(),
        limit: z.int(),
      })
      .partial()
      .meta({ description: 'How else it was ordered, to order the same anew; what does not apply is left out.' }),
    deadline: instant,
    acceptedAt: nullableInstant,
    endedAt: nullableInstant,
    stop: stop.nullable().meta({ description: 'What came of asking it to stop; null: nobody did.' }),
    files: z.array(fileOutcome).meta({
      description: 'How each file stands, once, whichever attempt settled it; empty while none has ended.',
    }),
    earlier: z.array(earlierAttempt).meta({ description: 'What was tried again, the first attempt first.' }),
  })
  .meta({ id: 'Task' });

const ring = z
  .object({
    ring: z.int(),
    upTo: z
      .int()
      .nullable()
      .meta({ description: 'How many endpoints have the order once it has gone out; null: all.' }),
    state: z.enum(ringStates).meta({
      description: '`out`: the last one, which nobody judges; `unused`: nothing was left for it.',
    }),
    size: z.int().meta({ description: 'Endpoints in it; 0 before it has gone out.' }),
    ended: z.int().meta({ description: 'Endpoints that have reported.' }),
    files: z.int().meta({ description: 'Files that agents acted on.' }),
    failed: z.int().meta({ description: 'Those among them that did not end as they should.' }),
    silent: z.int().meta({ description: 'Endpoints that do not answer any more.' }),
  })
  .meta({ id: 'Ring' });

const rollout = z
  .object({
    state: z.enum(rolloutStages).meta({
      description:
        '`planned`: not approved yet; `clear`: the next ring goes out as soon as an endpoint for it is connected; `watched`: a ring is judged; `halted`: until somebody resumes or cancels; `out`: nothing is held back any more.',
    }),
    heldBack: z.int().meta({ description: 'Endpoints that wait for their ring, and were told nothing.' }),
    waitsFor: z.enum(ringWaits).nullable().meta({ description: 'What keeps the next ring from going out.' }),
    halt: z
      .object({
        at: instant,
        rule: z.enum(haltRules),
        count: z.int(),
        of: z.int(),
        limit: z.int().meta({ description: 'In percent.' }),
        message: z.string(),
        proposals: z
          .array(z.object({ call: z.string(), what: z.string() }))
          .meta({ description: 'What a person may do now. None of it happens by itself.' }),
      })
      .nullable(),
    rings: z.array(ring),
  })
  .meta({ id: 'Rollout' });

const unconfirmedCount = z.int().meta({
  description: 'Endpoints whose order is old, and waits to be confirmed anew (`confirmAction`).',
});

const actionWithTasks = action
  .extend({
    unconfirmedCount,
    upload,
    inverse: inverse.nullable().meta({
      description: 'What takes back what was done in spite of a stop; null: nobody asked for one, or nothing was done.',
    }),
    rollout: rollout.nullable().meta({ description: 'How far it is; null: it does not go out by rings.' }),
    tasks: z.array(task).meta({ description: 'In the order in which the request named the endpoints.' }),
  })
  .meta({ id: 'ActionWithTasks' });

const countsByStatus = z.partialRecord(status, z.int());

const endpointsByStatus = countsByStatus.meta({
  description: 'Endpoints by how it stands there; left out where none does.',
});

const endedCount = z.int().meta({ description: 'Endpoints where it has ended.' });

const listedAction = action
  .extend({
    counts: endpointsByStatus,
    endedCount,
    unconfirmedCount,
    about: z
      .object({
        path: shownPath.nullable().meta({ description: 'The first that it names on its first endpoint; null: none.' }),
        pathsCount: z.int().meta({ description: 'How many it names there.' }),
        sha256: sha256.nullable(),
        undoes: actionId.nullable(),
        pattern: searchPattern.nullable(),
      })
      .meta({ description: 'What it was ordered for.' }),
  })
  .meta({ id: 'ListedAction' });

const conditions = {
  verb: z.array(z.enum(verbs)).optional(),
  incidentId: z.string().min(1).max(1_024).optional(),
  endpointId: endpointId.optional().meta({ description: 'Ordered of this endpoint, alone or among others.' }),
  principalId: z.string().min(1).max(1_024).optional().meta({ description: 'Ordered by this person or key.' }),
  idContains: z
    .string()
    .regex(/^\d{1,40}$/, 'must be digits')
    .optional()
    .meta({ description: 'Digits that the id has in a row, anywhere.' }),
  unconfirmed: z.enum(['true']).optional().meta({
    description: 'Only those of which orders are old, and wait to be confirmed anew.',
  }),
  createdFrom: instant.optional(),
  createdTo: instant.optional().meta({ description: 'Not then any more.' }),
};

export const listActions = {
  name: 'listActions',
  summary: 'Actions, newest first.',
  method: 'GET',
  path: '/actions',
  parameters: nothing,
  query: z.strictObject({
    ...conditions,
    status: z.array(status).optional().meta({ description: 'Only those that stand so now.' }),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(listedAction), total }).meta({ id: 'ActionList' }),
} as const satisfies Contract;

export const countActions = {
  name: 'countActions',
  summary: 'How many actions stand how, of those that match every given condition.',
  method: 'GET',
  path: '/action-counts',
  parameters: nothing,
  query: z.strictObject(conditions),
  body: null,
  status: 200,
  reply: z
    .object({ counts: countsByStatus.meta({ description: 'Left out where none does.' }), total: z.int() })
    .meta({ id: 'ActionCounts' }),
} as const satisfies Contract;

export const readAction = {
  name: 'readAction',
  summary: 'One action with its tasks, and how every file of each ended.',
  method: 'GET',
  path: '/actions/{actionId}',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: null,
  status: 200,
  reply: actionWithTasks,
} as const satisfies Contract;

/** What each event of `followAction` has as its data. */
export const actionProgress = action
  .extend({ counts: endpointsByStatus, endedCount, upload })
  .meta({ id: 'ActionProgress' });

export const followAction = {
  name: 'followAction',
  summary: 'How far an action is, at once and whenever that changes, until it has ended, as server-sent events.',
  description:
    'Each event is a `progress`, whose data is the action as `listActions` has it, with `counts` of endpoints by status, `endedCount` and `upload`. After the one that says how it ended the answer ends. Every 15 seconds a comment comes. It ends with `stream_ended`, whose data is a fault’s `code` and `detail`, as `followEvents` does.',
  method: 'GET',
  path: '/actions/{actionId}/stream',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: null,
  status: 200,
  reply: eventStream,
} as const satisfies Contract;

export const closeAction = {
  name: 'closeAction',
  summary: 'Closes a fetch: hides its rows and withdraws what no agent has taken.',
  method: 'POST',
  path: '/actions/{actionId}/close',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: null,
  status: 204,
  reply: null,
} as const satisfies Contract;

export const cancelAction = {
  name: 'cancelAction',
  summary: 'Withdraws what no agent has, and asks agents that have it to stop; says for each endpoint how far it came.',
  description:
    'Agents stop between files: what they have begun they finish. What came of it is told by their reports: read the action again.',
  method: 'POST',
  path: '/actions/{actionId}/cancel',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      withdrawn: z.int().meta({ description: 'Endpoints where it is over, and nothing was done.' }),
      asked: z.int().meta({ description: 'Endpoints that were asked to stop; each still reports how it ended.' }),
      tooLate: z.int().meta({ description: 'Endpoints where it had ended before anybody asked.' }),
      endpoints: z.array(z.object({ endpointId, hostName: z.string().nullable(), stop })),
      inverse: inverse.nullable().meta({ description: 'What takes back what is done by now; null: nothing is.' }),
    })
    .meta({ id: 'CancelledAction' }),
} as const satisfies Contract;

const chosenEndpoints = z
  .array(endpointId)
  .min(1)
  .max(20_000)
  .optional()
  .meta({ description: 'Only on these of its endpoints; default: on all.' });

export const retryAction = {
  name: 'retryAction',
  summary: 'Tries again what an action did not do, within the same action: of a fetch, the files that did not come.',
  description:
    'Needs the permission that the order itself needs. What was done stays done, and earlier attempts stay as they were left. To the guard it is a new order of just that width; its deadline is counted from now. A fetch that was closed is not retried.',
  method: 'POST',
  path: '/actions/{actionId}/retry',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z.strictObject({ endpointIds: chosenEndpoints, reason }).meta({ id: 'RetryAction' }),
  status: 200,
  reply: z
    .object({
      action,
      endpoints: z.int().meta({ description: 'On how many endpoints something is tried again.' }),
      files: z.int().meta({ description: 'How many files; an order by hash counts as one on each endpoint.' }),
      left: z
        .object({
          open: z.array(endpointId).meta({ description: 'They have not ended yet.' }),
          succeeded: z.array(endpointId).meta({ description: 'Nothing failed there.' }),
          removed: z.array(endpointId).meta({ description: 'They were removed.' }),
        })
        .meta({ description: 'Endpoints that were left as they are.' }),
    })
    .meta({ id: 'RetriedAction' }),
} as const satisfies Contract;

export const confirmAction = {
  name: 'confirmAction',
  summary: 'Lets orders go out that have not reached their endpoints for long, and so wait to be confirmed anew.',
  description:
    'Needs the permission that the order itself needs. An order waits so where CUSTODY_CONFIRM_AFTER is set.',
  method: 'POST',
  path: '/actions/{actionId}/confirm',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z.strictObject({ endpointIds: chosenEndpoints, reason }).meta({ id: 'ConfirmAction' }),
  status: 200,
  reply: z
    .object({ endpoints: z.int().meta({ description: 'Whose orders were confirmed.' }) })
    .meta({ id: 'ConfirmedAction' }),
} as const satisfies Contract;

export const resumeAction = {
  name: 'resumeAction',
  summary: 'Lets an action go on that has halted: its next ring goes out, and is judged like any other. No key may.',
  method: 'POST',
  path: '/actions/{actionId}/resume',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z.strictObject({ reason: givenReason.meta({ description: 'Why it may go on.' }) }).meta({ id: 'ResumeAction' }),
  status: 200,
  reply: z
    .object({
      released: z.int().meta({ description: 'Endpoints that it goes out to now.' }),
      heldBack: z.int().meta({ description: 'Endpoints that still wait for their ring.' }),
    })
    .meta({ id: 'ResumedAction' }),
} as const satisfies Contract;
