import { stat } from 'node:fs/promises';
import type { UploadId } from '#core/ports/blobs.ts';
import { type Layout, stagingPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';
import { type Part, readParts } from './parts.ts';

/**
 * The durable parts of an upload that nobody appends to; undefined when there is no such upload. A part that has lost
 * bytes does not count, and neither does what follows it.
 */
export async function stagedParts(layout: Layout, upload: UploadId): Promise<readonly Part[] | undefined> {
  const path = stagingPath(layout, upload);
  return onMedium('tell the size of an upload', () =>
    unlessMissing(layout, async () => {
      const { size } = await stat(path);
      return (await readParts(path)).filter(({ end }) => end <= size);
    }),
  );
}

export function endOf(parts: readonly Part[] | undefined): number {
  return parts?.at(-1)?.end ?? 0;
}
