import type { HashListFilter } from '#core/ports/store/hash-lists.ts';
import type { Milliseconds } from '#core/time.ts';
import { guarded } from '../operation.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import { findListedHashes } from '../schemas/hash-list.ts';
import { showListedHash } from '../show-listed-hash.ts';

export const findListedHashesOperation = guarded(
  findListedHashes,
  { permission: 'lists.read', licence: [] },
  async ({ query }, { ports }) => {
    const { order: by, direction, offset, limit } = query;
    const filter = filterOf(query, ports.clock.now());
    const listing = await ports.store.read(
      ({ hashLists }) => hashLists.list(filter, { offset, limit }, { by, direction }),
      { search: true },
    );
    return { items: listing.items.map(showListedHash), total: listing.total };
  },
);

function filterOf(query: CheckedInput<typeof findListedHashes>['query'], now: Milliseconds): HashListFilter {
  const { list, hash, hashContains, comment, listedBy, prevent, expired } = query;
  return {
    ...(list && { list }),
    ...(hash && { hashes: hash.map((each) => each.toLowerCase()) }),
    ...(hashContains !== undefined && { hashContains }),
    ...(comment !== undefined && { commentContains: comment }),
    ...(listedBy !== undefined && { listedByContains: listedBy }),
    ...(prevent && { prevent: prevent === 'true' }),
    ...(expired === 'false' && { at: now }),
  };
}
