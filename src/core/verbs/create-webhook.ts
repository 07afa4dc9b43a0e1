import { demandPermission, type Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { EventChoice } from '../feed/event-groups.ts';
import { newCursor } from '../feed/feed-cursor.ts';
import { mostWebhooks, type Webhook, type WebhookFormat } from '../feed/webhook.ts';
import { newWebhookSecret } from '../feed/webhook-signature.ts';
import type { Ports } from '../ports/ports.ts';

export interface NewWebhook extends EventChoice {
  readonly name: string;
  readonly url: string;
  readonly format: WebhookFormat;
  readonly attempts: number;
}

export interface WebhookWithSecret {
  readonly webhook: Webhook;
  /** `whsec_` and base64, shown this once. */
  readonly secret: string;
}

/**
 * From now on events are sent there, beginning with the one that tells of this.
 * @throws Fault `permission_denied` for who may not read events, `invalid_request` for an address that the settings do not let be
 * asked, `limit_exceeded`
 */
export async function createWebhook(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'secrets' | 'feeds'>,
  by: Principal,
  { name, url, format, attempts, groups, types }: NewWebhook,
): Promise<WebhookWithSecret> {
  demandPermission(by, 'events.read');
  demandAllowed(ports, url);
  const secret = newWebhookSecret(ports.random);
  const createdAt = ports.clock.now();
  const webhook: Webhook = {
    ...{ name, url: new URL(url).href, format, attempts, groups, types, createdAt, paused: false },
    id: Buffer.from(ports.random.bytes(8)).toString('hex'),
    sealedSecret: ports.secrets.seal(new TextEncoder().encode(secret)),
    formerSecret: null,
    createdBy: by.name === '' ? `${by.kind} ${by.id}` : by.name,
  };
  await ports.store.transact(async ({ feeds, events }) => {
    if ((await feeds.webhooks()).length >= mostWebhooks) {
      throw new Fault('limit_exceeded', `There are ${mostWebhooks} webhooks already: delete one first.`, {
        details: { limit: mostWebhooks },
      });
    }
    await feeds.insertWebhook(webhook);
    await feeds.openCursor(newCursor(webhook.id, await events.lastSequence()));
    const actor = { kind: by.kind, id: by.id, name: by.name };
    await events.append([{ type: 'webhook_created', at: createdAt, actor, facts: webhookFacts(webhook) }]);
  });
  return { webhook, secret };
}

/** What events tell of a webhook. Of its address only where that is: receivers put secrets into paths. */
export function webhookFacts({ id, name, url, format, attempts, groups, types, paused }: Webhook) {
  return { webhookId: id, name, place: new URL(url).origin, format, attempts, groups, types, paused };
}

/** @throws Fault `invalid_request` */
export function demandAllowed({ feeds }: Pick<Ports, 'feeds'>, url: string): void {
  const refusal = feeds.refusal(url);
  if (refusal !== undefined) {
    throw new Fault('invalid_request', `url: ${refusal}`, { details: { in: 'body', field: 'url' } });
  }
}
