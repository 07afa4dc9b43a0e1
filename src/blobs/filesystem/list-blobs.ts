import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '#core/file/hash.ts';
import { hashOfNames, type Layout } from './layout.ts';
import { onMedium } from './medium.ts';

/** One of the 256 directories at a time. */
export async function* listBlobs(layout: Layout): AsyncIterable<Sha256> {
  const directories = await onMedium('list its blobs', () => readdir(layout.objects));
  for (const directory of directories) {
    const names = await onMedium('list its blobs', () => readdir(join(layout.objects, directory)));
    for (const name of names) {
      const hash = hashOfNames(directory, name);
      if (hash !== undefined) {
        yield hash;
      }
    }
  }
}
