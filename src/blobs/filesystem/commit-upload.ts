import { mkdir, rename } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import { blobSize } from './blob-size.ts';
import { discardUpload } from './discard-upload.ts';
import { hashFile } from './hash-file.ts';
import { type Layout, objectPath, stagingPath } from './layout.ts';
import { onMedium } from './medium.ts';
import { syncDirectory } from './sync-directory.ts';

/** Staged bytes are compared even when the blob is there: nobody is credited with a file that they did not send. */
export async function commitUpload(layout: Layout, upload: UploadId, hash: Sha256): Promise<void> {
  const found = await onMedium('read an upload back', () => hashFile(stagingPath(layout, upload)));
  if (found !== hash) {
    await discardUpload(layout, upload);
    throw new Fault('conflict', `The uploaded bytes have the SHA-256 ${found}, not ${hash}.`, { details: { found } });
  }
  await onMedium('store a blob', () => publish(layout, upload, hash));
}

/** A repeat: the first try may have been cut between the rename and its fsync. */
export async function confirmStored(layout: Layout, hash: Sha256): Promise<void> {
  if ((await blobSize(layout, hash)) === undefined) {
    throw new Fault('not_found', 'Nothing was uploaded for this hash.', { details: { what: 'upload' } });
  }
  await onMedium('store a blob', () => syncDirectory(objectPath(layout, hash).directory));
}

/** The bytes are durable since they were staged; the name follows. Renaming over the same bytes is harmless. */
async function publish(layout: Layout, upload: UploadId, hash: Sha256): Promise<void> {
  const { directory, path } = objectPath(layout, hash);
  await mkdir(directory, { mode: 0o700 }).catch(unlessExisting);
  await syncDirectory(layout.objects);
  await rename(stagingPath(layout, upload), path);
  await syncDirectory(directory);
}

function unlessExisting(thrown: unknown): void {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) {
    throw thrown;
  }
}
