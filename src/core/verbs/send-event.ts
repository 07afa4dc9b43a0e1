import type { FeedEvent } from '../feed/feed-event.ts';
import type { Receipt } from '../feed/receipt.ts';
import { tell } from '../feed/tell.ts';
import type { Webhook } from '../feed/webhook.ts';
import { messageId, webhookHeaders } from '../feed/webhook-signature.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

type SendPorts = Pick<Ports, 'clock' | 'secrets'> & { readonly sender: Pick<Ports['feeds'], 'send'> };

export interface EventToSend {
  readonly webhook: Webhook;
  readonly told: FeedEvent;
  readonly stopping: AbortSignal;
}

/** One attempt at one event, signed at this moment. */
export function sendEvent(ports: SendPorts, { webhook, told, stopping }: EventToSend): Promise<Receipt> {
  const id = messageId(webhook.id, tell('native', told));
  return sendSigned(ports, webhook, { id, body: tell(webhook.format, told), stopping });
}

export interface MessageToSend {
  readonly id: string;
  readonly body: string;
  readonly stopping?: AbortSignal;
}

export function sendSigned(
  { clock, secrets, sender }: SendPorts,
  webhook: Webhook,
  { id, body, stopping }: MessageToSend,
): Promise<Receipt> {
  const at = clock.now();
  const signed = webhookHeaders({ id, at, body }, secretsOf(webhook, secrets, at));
  return sender.send({ url: webhook.url, headers: { 'content-type': 'application/json', ...signed }, body }, stopping);
}

function secretsOf(
  { sealedSecret, formerSecret }: Webhook,
  secrets: Ports['secrets'],
  now: Milliseconds,
): readonly string[] {
  const sealed = [sealedSecret, ...(formerSecret !== null && formerSecret.until > now ? [formerSecret.sealed] : [])];
  return sealed.map((each) => new TextDecoder().decode(secrets.open(each)));
}
