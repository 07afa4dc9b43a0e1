import type { z } from 'zod';
import type { ListedHash } from '#core/list/listed-hash.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { findListedHashes } from './schemas/hash-list.ts';

export function showListedHash(entry: ListedHash): z.input<typeof findListedHashes.reply>['items'][number] {
  const { listedBy, listedAt, expiresAt, ...same } = entry;
  return {
    ...same,
    listedBy: { kind: listedBy.kind, id: listedBy.id, name: listedBy.name },
    listedAt: instantOf(listedAt),
    expiresAt: nullableInstantOf(expiresAt),
  };
}
