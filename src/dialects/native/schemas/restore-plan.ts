import { z } from 'zod';
import { actionStatuses } from '#core/action/action-status.ts';
import { restoreFindings } from '#core/action/restore-finding.ts';
import { outcomeReasons } from '#core/outcome.ts';
import { outcomeDetailsSchema } from '#core/outcome-details.ts';
import { conflictPolicies, parentPolicies } from '#core/restore/planned-orders.ts';
import { action } from './action.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { actionId, digest, endpointId, path, reason, sha256, shownPath, vaultObject } from './values.ts';

const incidentId = z.string().min(1).max(1_024).optional().meta({
  description: 'Kept as given: an unknown incident never stops an order.',
});

export const planRestore = {
  name: 'planRestore',
  summary: 'Asks every endpoint that a restore would go to what it would meet there; nothing is changed anywhere.',
  description:
    'The answer is an action; what the endpoints find, `readRestorePlan` tells. Those that are away are asked when they return.',
  method: 'POST',
  path: '/restore-plans',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      sha256,
      endpointId: endpointId.optional(),
      vaultObject: vaultObject.optional().meta({ description: 'Only this copy; without it every one.' }),
      to: path.optional().meta({ description: 'Another place than where it was; takes one copy of one endpoint.' }),
      incidentId,
      reason,
    })
    .meta({ id: 'PlanRestore' }),
  example: { sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f' },
  status: 201,
  reply: action,
} as const satisfies Contract;

const finding = z.enum(restoreFindings);

const unanswered = z.object({
  endpointId,
  hostName: z.string().nullable(),
  status: z.enum(actionStatuses),
});

const plannedObject = z
  .object({
    endpointId,
    hostName: z.string().nullable(),
    vaultObject: z.string().nullable().meta({ description: 'Null: the endpoint holds none.' }),
    path: shownPath.nullable().meta({ description: 'Where a restore would put it.' }),
    finding,
    reason: z.enum(outcomeReasons).nullable(),
    message: z.string(),
    details: outcomeDetailsSchema.meta({ description: 'Of an occupied place, what stands there, in `occupant`.' }),
  })
  .meta({ id: 'PlannedObject' });

export const readRestorePlan = {
  name: 'readRestorePlan',
  summary: 'What endpoints have found so far that a restore would meet: counts, and object by object.',
  method: 'GET',
  path: '/restore-plans/{actionId}',
  parameters: z.strictObject({ actionId }),
  query: z.strictObject({
    finding: z.array(finding).optional().meta({ description: 'Only objects of which this was found.' }),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z
    .object({
      actionId,
      sha256,
      digest: z.string().meta({
        description: 'Over endpoint, object, target and finding of every object; it changes with every further answer.',
        pattern: '^[0-9a-f]{64}$',
      }),
      blockedBy: z.string().nullable().meta({
        description: 'The blocked hash because of which the files would be quarantined again; null: they would stay.',
      }),
      counts: z.record(finding, z.int()),
      waiting: z.array(unanswered).meta({ description: 'Endpoints that are still to answer.' }),
      failed: z.array(unanswered).meta({ description: 'Endpoints that ended without an answer.' }),
      items: z.array(plannedObject).meta({ description: 'By endpoint and object.' }),
      total,
    })
    .meta({ id: 'RestorePlan' }),
} as const satisfies Contract;

export const runRestorePlan = {
  name: 'runRestorePlan',
  summary:
    'Restores just what a plan found, each object as the policies say; what came into a vault since is not touched.',
  method: 'POST',
  path: '/restore-plans/{actionId}/run',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z
    .strictObject({
      digest,
      ifOccupied: z.enum(conflictPolicies).default('fail').meta({
        description:
          'Where something else has the name: do nothing, use a name beside it, take that into the vault, leave the file in the vault, or put it into `otherPath`.',
      }),
      ifParentMissing: z.enum(parentPolicies).default('fail').meta({
        description: 'Where the directory or its file system is gone, or the directory is another one.',
      }),
      otherPath: path.optional().meta({
        description:
          'A directory of each endpoint, for `other_path`; files keep their names, with the object behind equal ones.',
      }),
      allow: z.boolean().default(false).meta({
        description: 'Puts a blocked hash on the allow list first; needs the permission lists.manage.',
      }),
      incidentId,
      reason,
    })
    .meta({ id: 'RunRestorePlan' }),
  status: 201,
  reply: z
    .object({
      action,
      objects: z.int().meta({ description: 'How many vault objects are ordered back.' }),
      skipped: z.int().meta({ description: 'How many stay in their vaults, by `skip`.' }),
      removed: z.int().meta({ description: 'How many are on endpoints that were removed since.' }),
    })
    .meta({ id: 'StartedRestorePlan' }),
} as const satisfies Contract;
