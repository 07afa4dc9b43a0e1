import type { TreeHash } from '#core/ledger/tree-hash.ts';

export function showHash(hash: TreeHash): string {
  return Buffer.from(hash).toString('base64');
}
