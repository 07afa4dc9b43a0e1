import type { Client } from '#sdk/client.ts';

export type User = Awaited<ReturnType<Client['listUsers']>>['items'][number];
