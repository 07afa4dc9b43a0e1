import type { Client } from '#sdk/client.ts';

export type Webhook = Awaited<ReturnType<Client['listWebhooks']>>['items'][number];

/** How events are written for a receiver. Total. */
export const webhookFormatWords: Readonly<Record<Webhook['format'], string>> = {
  native: 'As Custody’s own API lists events',
  ecs: 'Elastic Common Schema',
};
