import { hour } from '#core/time.ts';
import { changeWebhook } from '#core/verbs/change-webhook.ts';
import { createWebhook } from '#core/verbs/create-webhook.ts';
import { deleteWebhook } from '#core/verbs/delete-webhook.ts';
import { dropLetters } from '#core/verbs/drop-letters.ts';
import { listWebhooks, readWebhook } from '#core/verbs/feed-states.ts';
import { redeliverLetters } from '#core/verbs/redeliver-letters.ts';
import { rotateWebhookSecret } from '#core/verbs/rotate-webhook-secret.ts';
import { testWebhook } from '#core/verbs/test-webhook.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import * as contracts from '../schemas/webhook.ts';
import { showLetter, showWebhook } from '../show-webhook.ts';

const managing = { permission: 'server.manage', licence: [] } as const;

export const webhookOperations: readonly NativeOperation[] = [
  guarded(contracts.listWebhooks, managing, async (_, { ports }) => ({
    items: (await listWebhooks(ports)).map(showWebhook),
  })),
  guarded(contracts.createWebhook, managing, async ({ body }, { ports, principal }) => {
    const { webhook, secret } = await createWebhook(ports, principal, body);
    return { ...showWebhook(await readWebhook(ports, webhook.id)), secret };
  }),
  guarded(contracts.changeWebhook, managing, async ({ parameters, body }, { ports, principal }) => {
    const { id } = await changeWebhook(ports, principal, { id: parameters.webhookId, changes: body });
    return showWebhook(await readWebhook(ports, id));
  }),
  guarded(contracts.rotateWebhookSecret, managing, async ({ parameters, body }, { ports, principal }) => {
    const rotation = { id: parameters.webhookId, overlap: body.overlapHours * hour };
    const { webhook, secret } = await rotateWebhookSecret(ports, principal, rotation);
    return { ...showWebhook(await readWebhook(ports, webhook.id)), secret };
  }),
  guarded(contracts.deleteWebhook, managing, async ({ parameters: { webhookId } }, { ports, principal }) => {
    await deleteWebhook(ports, principal, webhookId);
    return undefined;
  }),
  guarded(contracts.testWebhook, managing, async ({ parameters: { webhookId } }, { ports }) => {
    const receipt = await testWebhook(ports, webhookId);
    return {
      taken: receipt.kind === 'taken',
      status: receipt.kind === 'forbidden' ? null : receipt.status,
      error: receipt.kind === 'taken' ? '' : receipt.words,
    };
  }),
  guarded(contracts.listDeadLetters, managing, async ({ parameters: { webhookId }, query }, { ports }) => {
    await readWebhook(ports, webhookId);
    const { items, total } = await ports.store.read(({ feeds }) => feeds.deadLetters(webhookId, query));
    return { items: items.map(showLetter), total };
  }),
  guarded(contracts.redeliverLetters, managing, async ({ parameters: { webhookId }, body }, { ports }) => ({
    redelivering: await redeliverLetters(ports, { webhookId, sequences: body.sequences }),
  })),
  guarded(contracts.dropLetters, managing, async ({ parameters: { webhookId }, body }, { ports, principal }) => ({
    dropped: await dropLetters(ports, principal, { webhookId, sequences: body.sequences }),
  })),
];
