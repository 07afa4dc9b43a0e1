import { guarded } from '../operation.ts';
import { findListedHashes } from '../schemas/hash-list.ts';
import { showListedHash } from '../show-listed-hash.ts';

export const findListedHashesOperation = guarded(
  findListedHashes,
  { permission: 'lists.read', licence: [] },
  async ({ query: { list, hash, offset, limit } }, { ports }) => {
    const filter = {
      ...(list && { list }),
      ...(hash && { hashes: hash.map((each) => each.toLowerCase()) }),
      at: ports.clock.now(),
    };
    const listing = await ports.store.read(({ hashLists }) => hashLists.list(filter, { offset, limit }));
    return { items: listing.items.map(showListedHash), total: listing.total };
  },
);
