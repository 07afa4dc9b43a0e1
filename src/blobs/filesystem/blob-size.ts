import { stat } from 'node:fs/promises';
import type { Sha256 } from '#core/file/hash.ts';
import { type Layout, objectPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';
import { plainSize } from './sealed-sizes.ts';

/** Undefined for an object that was cut to a length that none has: it is as good as gone. */
export async function blobSize(layout: Layout, hash: Sha256): Promise<number | undefined> {
  const { path, olderPath } = objectPath(layout, hash);
  return onMedium('look for a blob', async () => {
    const sealed = await unlessMissing(layout, async () => (await stat(path)).size);
    return sealed === undefined ? unlessMissing(layout, async () => (await stat(olderPath)).size) : plainSize(sealed);
  });
}
