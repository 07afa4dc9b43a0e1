import { createHash, createHmac } from 'node:crypto';
import type { Random } from '../ports/random.ts';
import { type Milliseconds, second } from '../time.ts';

/** Standard Webhooks: 24 to 64 bytes, behind this in base64. */
const secretBytes = 32;
const secretPrefix = 'whsec_';

/** A new one, as receivers are told it. */
export function newWebhookSecret(random: Pick<Random, 'bytes'>): string {
  return `${secretPrefix}${Buffer.from(random.bytes(secretBytes)).toString('base64')}`;
}

export interface SignedMessage {
  readonly id: string;
  readonly at: Milliseconds;
  readonly body: string;
}

/**
 * The three headers that a message is proved by (https://www.standardwebhooks.com). There is one signature for each secret, so that a
 * receiver may know the old one or the new one while a secret is changed.
 * @param secrets as `newWebhookSecret` makes them, the newest first
 */
export function webhookHeaders({ id, at, body }: SignedMessage, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(at / second));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(secretPrefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/**
 * The same for the same event however often it is sent, and another one for another event of the same number, as there is one where
 * a server was brought back from a backup: receivers throw away what they have had before.
 */
export function messageId(webhookId: string, nativeText: string): string {
  return `msg_${createHash('sha256').update(`${webhookId}\n${nativeText}`).digest('hex').slice(0, 32)}`;
}
