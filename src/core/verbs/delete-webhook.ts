import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import { demandWebhook } from './change-webhook.ts';
import { webhookFacts } from './create-webhook.ts';

/** Nothing is sent there any more, and its dead letters go with it; the events stay. @throws Fault `not_found` */
export function deleteWebhook(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  id: string,
): Promise<void> {
  return store.transact(async ({ feeds, events }) => {
    const webhook = await demandWebhook(feeds, id);
    const { total } = await feeds.deadLetters(id, { offset: 0, limit: 1 });
    await feeds.deleteWebhook(id);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { ...webhookFacts(webhook), deadLetters: total };
    await events.append([{ type: 'webhook_deleted', at: clock.now(), actor, facts }]);
  });
}
