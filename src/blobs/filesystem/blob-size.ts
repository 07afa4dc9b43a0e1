import { stat } from 'node:fs/promises';
import type { Sha256 } from '#core/file/hash.ts';
import { type Layout, objectPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';

export async function blobSize(layout: Layout, hash: Sha256): Promise<number | undefined> {
  const { path } = objectPath(layout, hash);
  return onMedium('look for a blob', () => unlessMissing(layout, async () => (await stat(path)).size));
}
