import { rm } from 'node:fs/promises';
import type { UploadId } from '#core/ports/blobs.ts';
import { type Layout, stagingPath } from './layout.ts';
import { onMedium } from './medium.ts';

export async function discardUpload(layout: Layout, upload: UploadId): Promise<void> {
  const path = stagingPath(layout, upload);
  await onMedium('remove an upload', () => rm(path, { force: true }));
}
