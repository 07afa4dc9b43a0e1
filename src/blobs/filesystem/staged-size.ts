import { open } from 'node:fs/promises';
import type { UploadId } from '#core/ports/blobs.ts';
import { type Layout, stagingPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';

/**
 * The size of an upload that nobody appends to, after making it durable: a process that was killed may have left
 * bytes that only the page cache holds.
 */
export async function stagedSize(layout: Layout, upload: UploadId): Promise<number | undefined> {
  const path = stagingPath(layout, upload);
  return onMedium('tell the size of an upload', () =>
    unlessMissing(layout, async () => {
      const handle = await open(path, 'r+');
      try {
        await handle.sync();
        return (await handle.stat()).size;
      } finally {
        await handle.close();
      }
    }),
  );
}
