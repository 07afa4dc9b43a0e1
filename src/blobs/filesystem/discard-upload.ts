import { readdir, rm } from 'node:fs/promises';
import type { UploadId } from '#core/ports/blobs.ts';
import { type Layout, partsSuffix, shareAPlace, stagingPath, uploadsAmong } from './layout.ts';
import { onMedium } from './medium.ts';
import { forgetSideKeys } from './side-file.ts';

export async function discardUpload(layout: Layout, upload: UploadId): Promise<void> {
  const path = stagingPath(layout, upload);
  await onMedium('remove an upload', async () => {
    // The list first: bytes without a list count for nothing. Its keys before it: without them they never will.
    await forgetSideKeys(path);
    await rm(path + partsSuffix, { force: true });
    await rm(path, { force: true });
  });
}

/** What was begun at the same place with other content: nobody will go on with it. */
export async function discardRivals(layout: Layout, upload: UploadId): Promise<void> {
  const names = await onMedium('list its uploads', () => readdir(layout.staging));
  for (const other of uploadsAmong(names)) {
    if (other !== upload && shareAPlace(other, upload)) {
      await discardUpload(layout, other);
    }
  }
}
