import { demandPermission, type Principal } from '../access/principal.ts';
import type { EventType } from '../custody/event.ts';
import { Fault } from '../fault.ts';
import type { EventGroup } from '../feed/event-groups.ts';
import type { Webhook, WebhookFormat } from '../feed/webhook.ts';
import type { Ports } from '../ports/ports.ts';
import type { FeedReader } from '../ports/store/feeds.ts';
import { demandAllowed, webhookFacts } from './create-webhook.ts';

/** What is left out stays. */
export interface WebhookChanges {
  readonly name?: string | undefined;
  readonly url?: string | undefined;
  readonly format?: WebhookFormat | undefined;
  readonly attempts?: number | undefined;
  readonly groups?: readonly EventGroup[] | undefined;
  readonly types?: readonly EventType[] | undefined;
  readonly paused?: boolean | undefined;
}

/**
 * Changes a webhook from its next message on. What waits after a failure is tried at once.
 * @throws Fault `not_found`, `permission_denied`, `invalid_request` as `createWebhook`
 */
export async function changeWebhook(
  ports: Pick<Ports, 'store' | 'clock' | 'feeds'>,
  by: Principal,
  { id, changes }: { readonly id: string; readonly changes: WebhookChanges },
): Promise<Webhook> {
  demandPermission(by, 'events.read');
  if (changes.url !== undefined) {
    demandAllowed(ports, changes.url);
  }
  return ports.store.transact(async ({ feeds, events }) => {
    const before = await demandWebhook(feeds, id);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const url = changes.url === undefined ? before.url : new URL(changes.url).href;
    const after: Webhook = { ...before, ...given, url };
    if (JSON.stringify(shownOf(after)) === JSON.stringify(shownOf(before))) {
      return before;
    }
    await feeds.updateWebhook(after);
    await feeds.hurry(id);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { ...webhookFacts(after), before: webhookFacts(before), addressChanged: after.url !== before.url };
    await events.append([{ type: 'webhook_changed', at: ports.clock.now(), actor, facts }]);
    return after;
  });
}

function shownOf(webhook: Webhook) {
  return [webhookFacts(webhook), webhook.url];
}

/** @throws Fault `not_found` */
export async function demandWebhook(feeds: Pick<FeedReader, 'webhookById'>, id: string): Promise<Webhook> {
  const found = await feeds.webhookById(id);
  if (found === undefined) {
    throw new Fault('not_found', 'There is no such webhook. "custody webhook list" shows those there are.', {
      details: { what: 'webhook' },
    });
  }
  return found;
}
