import { rm } from 'node:fs/promises';
import type { Sha256 } from '#core/file/hash.ts';
import { forgetHead } from './head.ts';
import { type Layout, objectPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';
import { syncDirectory } from './sync-directory.ts';

/** Its key first: what a disk keeps of a removed file then opens for nobody. */
export async function removeBlob(layout: Layout, hash: Sha256): Promise<void> {
  const { directory, path, olderPath } = objectPath(layout, hash);
  await onMedium('remove a blob', async () => {
    await forgetHead(path);
    await rm(path, { force: true });
    await rm(olderPath, { force: true });
    await unlessMissing(layout, () => syncDirectory(directory));
  });
}
