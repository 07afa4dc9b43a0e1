import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UploadId } from '#core/ports/blobs.ts';
import type { Milliseconds } from '#core/time.ts';
import { discardUpload } from './discard-upload.ts';
import { type Layout, partsSuffix, uploadsAmong } from './layout.ts';
import { onMedium } from './medium.ts';

export interface Sweep {
  readonly before: Milliseconds;
  isUnderWay(upload: UploadId): boolean;
}

/** Forgets uploads whose files were last written before a moment. */
export async function sweepStaged(layout: Layout, { before, isUnderWay }: Sweep): Promise<number> {
  const names = await onMedium('list its uploads', () => readdir(layout.staging));
  let swept = 0;
  for (const upload of uploadsAmong(names)) {
    if ((await lastWritten(layout, upload)) < before && !isUnderWay(upload)) {
      await discardUpload(layout, upload);
      swept += 1;
    }
  }
  return swept;
}

async function lastWritten(layout: Layout, upload: UploadId): Promise<Milliseconds> {
  const path = join(layout.staging, upload);
  const times = await Promise.all([path, path + partsSuffix].map((each) => stat(each).catch(() => undefined)));
  return Math.max(0, ...times.map((facts) => facts?.mtimeMs ?? 0));
}
