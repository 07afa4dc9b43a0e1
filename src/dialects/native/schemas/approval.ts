import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { verbs } from '#core/action/verb.ts';
import { approvalStates } from '#core/guard/approval.ts';
import { guardRules } from '#core/guard/guard.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { actionId, actor, digest, instant, nullableInstant } from './values.ts';

const longestReason = 1_000;

export const guardRule = z.object({
  rule: z.enum(guardRules),
  count: z.int().meta({ description: 'How many there are of what the rule counts.' }),
  limit: z.int().meta({ description: 'How many go out without a second person.' }),
});

/** What stands beside an action. */
export const approval = z
  .object({
    state: z.enum(approvalStates).meta({ description: 'No agent is told of an action that is `waiting`.' }),
    rules: z.array(guardRule).meta({ description: 'Why it waited.' }),
    endpointsCount: z.int(),
    filesCount: z.int(),
    digest: z.string().meta({
      description: 'Over the action, its parameters and its very targets; who approves repeats it.',
      pattern: '^[0-9a-f]{64}$',
    }),
    expiresAt: instant.meta({ description: 'Until then it can be approved.' }),
    decidedAt: nullableInstant,
    decidedBy: actor.nullable(),
    reason: z.string(),
  })
  .meta({ id: 'Approval' });

const listed = approval
  .extend({
    actionId,
    verb: z.enum(verbs),
    requestedBy: z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() }),
    requester: z.string().nullable().meta({
      description:
        'Id of the user at whose word it was ordered, by a key too: no second person for it. Null: nobody by name.',
    }),
    requestedAt: instant,
  })
  .meta({ id: 'ActionApproval' });

const neededApproval = listed
  .extend({
    needed: z.enum(['second_person', 'confirmation']).nullable().meta({
      description:
        'What lets it out: another person, or, where nobody else could approve it, the typed counts. Null: nothing any more.',
    }),
  })
  .meta({ id: 'NeededApproval' });

const reason = z.string().max(longestReason);

export const listApprovals = {
  name: 'listApprovals',
  summary: 'What waits for a second person, newest first; with state=all, what was decided too.',
  method: 'GET',
  path: '/approvals',
  parameters: nothing,
  query: z.strictObject({ state: z.enum(['waiting', 'all']).default('waiting'), offset, limit }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(listed), total }).meta({ id: 'ApprovalList' }),
} as const satisfies Contract;

export const readApproval = {
  name: 'readApproval',
  summary: 'What one action waits, or waited, for. What exactly it would do, the action itself tells.',
  method: 'GET',
  path: '/approvals/{actionId}',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: null,
  status: 200,
  reply: neededApproval,
} as const satisfies Contract;

export const approveAction = {
  name: 'approveAction',
  summary: 'Lets an action out that waits for a second person: just what the digest is of, and nothing else.',
  method: 'POST',
  path: '/approvals/{actionId}/approve',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z
    .strictObject({
      digest,
      confirmation: z
        .strictObject({ endpoints: z.int().min(0), files: z.int().min(0) })
        .optional()
        .meta({
          description: 'Takes the second person’s place where `needed` is `confirmation`: the counts, repeated.',
        }),
      breakGlass: z.boolean().default(false).meta({
        description:
          'Without a second person; needs a reason and the permission actions.bypass, and is an event of its own.',
      }),
      reason: reason.default(''),
    })
    .meta({ id: 'Approve' }),
  status: 200,
  reply: neededApproval,
} as const satisfies Contract;

export const refuseApproval = {
  name: 'refuseApproval',
  summary: 'Ends an action that waits for a second person.',
  method: 'POST',
  path: '/approvals/{actionId}/refuse',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: z.strictObject({ reason: reason.min(1) }).meta({ id: 'RefuseApproval' }),
  status: 200,
  reply: neededApproval,
} as const satisfies Contract;
