import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '#core/file/hash.ts';
import { type Layout, type NamedObject, objectOfNames } from './layout.ts';
import { onMedium } from './medium.ts';

/** One of the 256 directories at a time. One that is being sealed may be there in both forms. */
export async function* listObjects(layout: Layout): AsyncGenerator<NamedObject> {
  const directories = await onMedium('list its blobs', () => readdir(layout.objects));
  for (const directory of directories) {
    const names = await onMedium('list its blobs', () => readdir(join(layout.objects, directory)));
    for (const name of names.toSorted()) {
      const object = objectOfNames(directory, name);
      if (object !== undefined) {
        yield object;
      }
    }
  }
}

export async function* listBlobs(layout: Layout): AsyncGenerator<Sha256> {
  let last: Sha256 | undefined;
  for await (const { hash } of listObjects(layout)) {
    if (hash !== last) {
      yield hash;
    }
    last = hash;
  }
}
