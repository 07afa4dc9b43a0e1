import type { Client } from '#sdk/client.ts';

export type ListedHash = Awaited<ReturnType<Client['findListedHashes']>>['items'][number];
export type ListKind = ListedHash['list'];

export const listWords: Readonly<Record<ListKind, string>> = { block: 'Block list', allow: 'Allow list' };
