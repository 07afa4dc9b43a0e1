import type { Receipt } from '../feed/receipt.ts';
import type { Ports } from '../ports/ports.ts';
import { demandWebhook } from './change-webhook.ts';
import { sendSigned } from './send-event.ts';

/**
 * Sends one message that tells of no event, signed like any other, whether the webhook is paused or not, and once only.
 * @throws Fault `not_found`
 */
export async function testWebhook(
  { store, clock, random, secrets, feeds }: Pick<Ports, 'store' | 'clock' | 'random' | 'secrets' | 'feeds'>,
  id: string,
): Promise<Receipt> {
  const webhook = await store.read((reader) => demandWebhook(reader.feeds, id));
  const at = new Date(clock.now()).toISOString();
  const body = JSON.stringify({ type: 'test', at, webhookId: id });
  const message = { id: `msg_test_${random.uuid()}`, body };
  return sendSigned({ clock, secrets, sender: feeds }, webhook, message);
}
