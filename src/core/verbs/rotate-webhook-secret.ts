import { demandPermission, type Principal } from '../access/principal.ts';
import type { Webhook } from '../feed/webhook.ts';
import { newWebhookSecret } from '../feed/webhook-signature.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';
import { demandWebhook } from './change-webhook.ts';
import { type WebhookWithSecret, webhookFacts } from './create-webhook.ts';

export interface SecretRotation {
  readonly id: string;
  /** For how long messages are signed with the former secret as well; 0: it is good no longer. */
  readonly overlap: Milliseconds;
}

/**
 * Gives a webhook another secret. Meanwhile, each message has two signatures, so that receivers change over when they like.
 * @throws Fault `not_found`, `permission_denied`
 */
export async function rotateWebhookSecret(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'secrets'>,
  by: Principal,
  { id, overlap }: SecretRotation,
): Promise<WebhookWithSecret> {
  demandPermission(by, 'events.read');
  const secret = newWebhookSecret(ports.random);
  const at = ports.clock.now();
  const webhook = await ports.store.transact(async ({ feeds, events }) => {
    const before = await demandWebhook(feeds, id);
    const after: Webhook = {
      ...before,
      sealedSecret: ports.secrets.seal(new TextEncoder().encode(secret)),
      formerSecret: overlap === 0 ? null : { sealed: before.sealedSecret, until: at + overlap },
    };
    await feeds.updateWebhook(after);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { ...webhookFacts(after), secretChanged: true, formerSecretUntil: after.formerSecret?.until ?? null };
    await events.append([{ type: 'webhook_changed', at, actor, facts }]);
    return after;
  });
  return { webhook, secret };
}
