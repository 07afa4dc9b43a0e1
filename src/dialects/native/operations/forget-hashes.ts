import { unlistHashes } from '#core/verbs/unlist-hashes.ts';
import { guarded } from '../operation.ts';
import { forgetHashes } from '../schemas/hash-list.ts';

export const forgetHashesOperation = guarded(
  forgetHashes,
  { permission: 'lists.manage', licence: [] },
  async ({ body: { hashes } }, { ports, principal }) => ({
    removed: [...(await unlistHashes(ports, principal, hashes))],
  }),
);
