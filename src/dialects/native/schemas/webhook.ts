import { z } from 'zod';
import { eventTypes } from '#core/custody/event.ts';
import { usualAttempts } from '#core/feed/backoff.ts';
import { eventGroups } from '#core/feed/event-groups.ts';
import { mostAttempts, webhookFormats } from '#core/feed/webhook.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { instant, nullableInstant } from './values.ts';

const webhookId = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'must be the id of a webhook, 16 hex digits')
  .meta({ description: '16 hex digits.' });

const name = z.string().trim().min(1).max(100).meta({ description: 'What it is for.' });
const url = z
  .string()
  .min(1)
  .max(2_048)
  .meta({
    description: 'An https address at a host that CUSTODY_WEBHOOK_HOSTS names.',
    examples: ['https://hooks.example.org/custody'],
  });
const format = z.enum(webhookFormats).meta({
  description: 'How events are told: as this API does, or in the Elastic Common Schema.',
});
const groups = z.array(z.enum(eventGroups)).max(eventGroups.length).meta({
  description: 'Events by what they are about. With no group and no type: all events.',
});
const types = z
  .array(z.enum(eventTypes))
  .max(eventTypes.length)
  .meta({ description: 'Events by their type, as well.' });
const attempts = z.int().min(1).max(mostAttempts).meta({
  description: 'How often an event is tried, within 24 hours at most, before it becomes a dead letter.',
});

export const webhook = z
  .object({
    id: webhookId,
    name,
    url,
    format,
    groups,
    types,
    attempts,
    paused: z.boolean().meta({ description: 'Nothing is sent; what happens meanwhile is sent when it goes on.' }),
    formerSecretUntil: nullableInstant.meta({
      description: 'Until when messages are signed with the former secret, too.',
    }),
    lag: z
      .int()
      .meta({ description: 'Events that it has yet to go through; those that it leaves out count until then.' }),
    failingSince: nullableInstant.meta({ description: 'Null: what was tried last was taken.' }),
    lastError: z.string().meta({ description: 'What went wrong last, or empty.' }),
    deliveredAt: nullableInstant,
    deadLetters: z.int(),
    createdAt: instant,
    createdBy: z.string(),
  })
  .meta({ id: 'Webhook' });

const secret = z.string().meta({
  description: 'What messages are signed with, as Standard Webhooks has it: `whsec_` and base64. Shown this once.',
});

const createdWebhook = webhook.extend({ secret }).meta({ id: 'CreatedWebhook' });

const named = z.strictObject({ webhookId });

export const listWebhooks = {
  name: 'listWebhooks',
  summary: 'Where events are sent to, and how that goes.',
  method: 'GET',
  path: '/webhooks',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z.object({ items: z.array(webhook) }).meta({ id: 'WebhookList' }),
} as const satisfies Contract;

export const createWebhook = {
  name: 'createWebhook',
  summary: 'Has events sent somewhere from now on, in their order, signed as Standard Webhooks has it.',
  description:
    'Each event is one POST; 2xx takes it, anything else is tried again. An event may come twice, under the same `webhook-id`. Whoever asks must be allowed to read events, too.',
  example: { name: 'Chat', url: 'https://hooks.example.org/custody', groups: ['approvals', 'ledger'] },
  method: 'POST',
  path: '/webhooks',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      name,
      url,
      format: format.default('native'),
      groups: groups.default([]),
      types: types.default([]),
      attempts: attempts.default(usualAttempts),
    })
    .meta({ id: 'NewWebhook' }),
  status: 201,
  reply: createdWebhook,
} as const satisfies Contract;

export const changeWebhook = {
  name: 'changeWebhook',
  summary: 'Changes a webhook from its next message on, pauses it, or has it go on.',
  description: 'What is left out stays. What waits after a failure is tried at once.',
  method: 'POST',
  path: '/webhooks/{webhookId}/changes',
  parameters: named,
  query: nothing,
  body: z
    .strictObject({
      name: name.optional(),
      url: url.optional(),
      format: format.optional(),
      groups: groups.optional(),
      types: types.optional(),
      attempts: attempts.optional(),
      paused: z.boolean().optional(),
    })
    .meta({ id: 'WebhookChanges' }),
  status: 200,
  reply: webhook,
} as const satisfies Contract;

const mostOverlapHours = 168;
const usualOverlapHours = 24;

export const rotateWebhookSecret = {
  name: 'rotateWebhookSecret',
  summary: 'Gives a webhook another secret.',
  description:
    'For a while each message has two signatures, one with each secret, so that receivers change over when they like.',
  method: 'POST',
  path: '/webhooks/{webhookId}/secret',
  parameters: named,
  query: nothing,
  body: z
    .strictObject({
      overlapHours: z.int().min(0).max(mostOverlapHours).default(usualOverlapHours).meta({
        description: 'For how long messages are signed with the former secret, too; 0: it is good no longer.',
      }),
    })
    .meta({ id: 'SecretRotation' }),
  status: 200,
  reply: createdWebhook,
} as const satisfies Contract;

export const deleteWebhook = {
  name: 'deleteWebhook',
  summary: 'Ends a webhook, and forgets its dead letters; the events stay.',
  method: 'DELETE',
  path: '/webhooks/{webhookId}',
  parameters: named,
  query: nothing,
  body: null,
  status: 204,
  reply: null,
} as const satisfies Contract;

export const testWebhook = {
  name: 'testWebhook',
  summary: 'Sends one message of the type `test`, at once and once, and says what came of it.',
  keyless: 'It changes nothing here, and a second message says nothing that the first did not.',
  method: 'POST',
  path: '/webhooks/{webhookId}/test',
  parameters: named,
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({
      taken: z.boolean(),
      status: z.int().nullable().meta({ description: 'Of the answer; null where there was none.' }),
      error: z.string().meta({ description: 'Why it was not taken, or empty.' }),
    })
    .meta({ id: 'WebhookTest' }),
} as const satisfies Contract;

const mostSequences = 1_000;

/** Of events, as they are numbered. */
const sequences = z.array(z.int().min(1)).min(1).max(mostSequences).optional().meta({
  description: 'Numbers of events; without them, all dead letters of the webhook.',
});

const letterChoice = z.strictObject({ sequences }).meta({ id: 'DeadLetterChoice' });

export const listDeadLetters = {
  name: 'listDeadLetters',
  summary: 'Events that a webhook gave up, by their numbers.',
  description:
    'What happened is still in `listEvents`. Of one webhook 10,000 are kept; beyond them the oldest are forgotten.',
  method: 'GET',
  path: '/webhooks/{webhookId}/dead-letters',
  parameters: named,
  query: z.strictObject({ offset, limit }),
  body: null,
  status: 200,
  reply: z
    .object({
      items: z.array(
        z
          .object({
            sequence: z.int(),
            givenUpAt: instant,
            attempts: z.int(),
            error: z.string(),
            redelivering: z.boolean().meta({ description: 'It is about to be sent again.' }),
          })
          .meta({ id: 'DeadLetter' }),
      ),
      total,
    })
    .meta({ id: 'DeadLetterList' }),
} as const satisfies Contract;

export const redeliverLetters = {
  name: 'redeliverLetters',
  summary: 'Has dead letters sent again, once each; those that are taken are no longer listed.',
  method: 'POST',
  path: '/webhooks/{webhookId}/dead-letters/redeliver',
  parameters: named,
  query: nothing,
  body: letterChoice,
  status: 200,
  reply: z.object({ redelivering: z.int() }).meta({ id: 'Redelivery' }),
} as const satisfies Contract;

export const dropLetters = {
  name: 'dropLetters',
  summary: 'Throws dead letters away; the events themselves stay.',
  method: 'POST',
  path: '/webhooks/{webhookId}/dead-letters/drop',
  parameters: named,
  query: nothing,
  body: letterChoice,
  status: 200,
  reply: z.object({ dropped: z.int() }).meta({ id: 'DroppedLetters' }),
} as const satisfies Contract;
