import type { Client } from '#sdk/client.ts';

export type Webhook = Awaited<ReturnType<Client['listWebhooks']>>['items'][number];
