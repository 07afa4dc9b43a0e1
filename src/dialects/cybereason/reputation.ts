import type { ListedHash, ListKind } from '#core/list/listed-hash.ts';

/** The vendor's words for the two lists. */
export const reputationWords: Record<ListKind, 'blacklist' | 'whitelist'> = { block: 'blacklist', allow: 'whitelist' };

/** An entry as `reputations/list` and `classify` show it. */
export function showReputation(entry: ListedHash) {
  return {
    key: entry.hash,
    reputationType: 'FILE',
    maliciousType: reputationWords[entry.list],
    isBlocking: entry.prevent,
    comment: entry.comment,
    owningUser: entry.listedBy.name,
    updateTime: entry.listedAt,
    expiration: entry.expiresAt,
  };
}
