import { mkdir, rename, rm, truncate } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import { blobSize } from './blob-size.ts';
import { discardUpload } from './discard-upload.ts';
import { hashFile } from './hash-file.ts';
import { type Layout, objectPath, partsSuffix, stagingPath } from './layout.ts';
import { onMedium } from './medium.ts';
import { type Part, writePart } from './parts.ts';
import type { RunningHashes } from './running-hashes.ts';
import { endOf } from './staged-parts.ts';
import { syncDirectory } from './sync-directory.ts';

export interface Commit {
  readonly upload: UploadId;
  readonly hash: Sha256;
  /** What is durable of it. */
  readonly staged: readonly Part[];
  readonly hashes: RunningHashes;
}

/** Staged bytes are compared even when the blob is there: nobody is credited with a file that they did not send. */
export async function commitUpload(layout: Layout, commit: Commit): Promise<void> {
  const path = stagingPath(layout, commit.upload);
  const end = endOf(commit.staged);
  const running = commit.hashes.take(commit.upload, end);
  const found = await onMedium('read an upload back', async () => {
    await truncate(path, end);
    return running?.digest('hex') ?? hashFile(path);
  });
  if (found !== commit.hash) {
    await refuse(layout, commit, found);
  }
  await onMedium('store a blob', () => publish(layout, commit));
}

/** A repeat: the first try may have been cut between the rename and its fsync. */
export async function confirmStored(layout: Layout, hash: Sha256): Promise<void> {
  if ((await blobSize(layout, hash)) === undefined) {
    throw new Fault('not_found', 'Nothing was uploaded for this hash.', { details: { what: 'upload' } });
  }
  await onMedium('store a blob', () => syncDirectory(objectPath(layout, hash).directory));
}

/** The list of parts tells whose fault it is, so that a bad disk costs a part and not the whole file once more. */
async function refuse(layout: Layout, { upload, hash, staged }: Commit, found: string): Promise<never> {
  const path = stagingPath(layout, upload);
  const whole = await onMedium('read an upload back', () => wholeParts(path, staged));
  if (whole === staged.length) {
    await discardUpload(layout, upload);
    throw new Fault('conflict', `The uploaded bytes have the SHA-256 ${found}, not ${hash}.`, { details: { found } });
  }
  const offset = endOf(staged.slice(0, whole));
  await onMedium('cut an upload back', () => writePart(path, whole, undefined));
  throw new Fault('conflict', `The medium has lost bytes of the upload. It goes on at byte ${offset}.`, {
    details: { offset },
  });
}

/** How many parts, from the first on, still have the bytes that arrived. */
async function wholeParts(path: string, staged: readonly Part[]): Promise<number> {
  let start = 0;
  for (const [index, { end, sha256 }] of staged.entries()) {
    if ((await hashFile(path, { start, end })) !== sha256) {
      return index;
    }
    start = end;
  }
  return staged.length;
}

/** The bytes are durable since they were staged; the name follows. Renaming over the same bytes is harmless. */
async function publish(layout: Layout, { upload, hash }: Commit): Promise<void> {
  const { directory, path } = objectPath(layout, hash);
  await mkdir(directory, { mode: 0o700 }).catch(unlessExisting);
  await syncDirectory(layout.objects);
  await rename(stagingPath(layout, upload), path);
  await syncDirectory(directory);
  await rm(stagingPath(layout, upload) + partsSuffix, { force: true });
}

function unlessExisting(thrown: unknown): void {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) {
    throw thrown;
  }
}
