import type { Client } from '#sdk/client.ts';

export type ListedHash = Awaited<ReturnType<Client['findListedHashes']>>['items'][number];
export type ListKind = ListedHash['list'];

export const listWords: Readonly<Record<ListKind, string>> = { block: 'Block list', allow: 'Allow list' };

const standings: Readonly<Record<ListKind, string>> = {
  block: 'It is blocked: new copies are quarantined where they come up.',
  allow: 'It is allowed: somebody decided that it may stay, and no list has it quarantined.',
};

/** What somebody decided about a hash, null: nobody did. */
export function standingWords(listed: ListKind | null): string {
  return listed === null ? 'It is neither blocked nor allowed.' : standings[listed];
}
