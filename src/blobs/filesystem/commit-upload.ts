import { mkdir, open, rename, rm } from 'node:fs/promises';
import { DamagedObject } from '#age/damaged.ts';
import type { KeyRing } from '#age/key-ring.ts';
import { chunkBytes, chunkNonce, streamKey } from '#age/stream.ts';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import { blobSize } from './blob-size.ts';
import { discardUpload } from './discard-upload.ts';
import { encodeHead } from './head.ts';
import { type Layout, objectPath, partsSuffix, stagingPath } from './layout.ts';
import { onMedium } from './medium.ts';
import { writeAt } from './open-chunks.ts';
import type { RunningHashes } from './running-hashes.ts';
import { chunkPosition, chunksHeld, stagedFileBytes } from './sealed-sizes.ts';
import { cutParts, forgetSideKeys } from './side-file.ts';
import { endOf, hashOfStaged, type Staged, stagedBytes } from './staged-upload.ts';
import { syncDirectory } from './sync-directory.ts';

export interface Commit {
  readonly upload: UploadId;
  readonly hash: Sha256;
  readonly keys: KeyRing;
  /** What is durable of it. */
  readonly staged: Staged;
  readonly hashes: RunningHashes;
}

/** Staged bytes are compared even when the blob is there: nobody is credited with a file that they did not send. */
export async function commitUpload(layout: Layout, commit: Commit): Promise<void> {
  const path = stagingPath(layout, commit.upload);
  const end = endOf(commit.staged);
  const running = commit.hashes.take(commit.upload, end);
  const found =
    running?.digest('hex') ??
    (await onMedium('read an upload back', () =>
      hashOfStaged(path, commit.staged, { start: 0, end }).catch(unlessDamaged),
    ));
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
async function refuse(layout: Layout, { upload, hash, staged }: Commit, found: string | undefined): Promise<never> {
  const path = stagingPath(layout, upload);
  const whole = await onMedium('read an upload back', () => wholeParts(path, staged));
  if (whole === staged.parts.length && found !== undefined) {
    await discardUpload(layout, upload);
    throw new Fault('conflict', `The uploaded bytes have the SHA-256 ${found}, not ${hash}.`, { details: { found } });
  }
  const offset = await onMedium('cut an upload back', () => cutBack(path, staged, whole));
  throw new Fault('conflict', `The medium has lost bytes of the upload. It goes on at byte ${offset}.`, {
    details: { offset },
  });
}

/** How many parts, from the first on, still have the bytes that arrived. */
async function wholeParts(path: string, staged: Staged): Promise<number> {
  let start = 0;
  for (const [index, { end, sha256 }] of staged.parts.entries()) {
    if ((await hashOfStaged(path, staged, { start, end }).catch(unlessDamaged)) !== sha256) {
      return index;
    }
    start = end;
  }
  return staged.parts.length;
}

function unlessDamaged(thrown: unknown): undefined {
  if (!(thrown instanceof DamagedObject)) {
    throw thrown;
  }
}

/** @returns where the upload goes on. */
async function cutBack(path: string, staged: Staged, count: number): Promise<number> {
  const part = staged.parts[count - 1];
  if (part === undefined) {
    await cutParts(path, staged.head, { count: 0, last: undefined });
    return 0;
  }
  const start = chunksHeld(part.end) * chunkBytes;
  const tail = Buffer.concat(await Array.fromAsync(stagedBytes(path, staged, { start, end: part.end })));
  await cutParts(path, staged.head, { count, last: { ...part, tail } });
  return part.end;
}

/**
 * The last chunk and the head make an object of the bytes that are durable since they were staged; then the name follows.
 * Renaming over the same bytes is harmless.
 */
async function publish(layout: Layout, { upload, hash, keys, staged }: Commit): Promise<void> {
  const { directory, path, olderPath } = objectPath(layout, hash);
  const staging = stagingPath(layout, upload);
  await complete(staging, staged, await encodeHead(keys, staged.head, { kind: 'custody-sha256', name: hash }));
  await mkdir(directory, { mode: 0o700 }).catch(unlessExisting);
  await syncDirectory(layout.objects);
  await rename(staging, path);
  await syncDirectory(directory);
  await forgetSideKeys(staging);
  await rm(staging + partsSuffix, { force: true });
  await rm(olderPath, { force: true });
}

async function complete(path: string, { head, parts, tail }: Staged, headBytes: Uint8Array): Promise<void> {
  const end = endOf({ parts });
  const aead = await streamKey(head.fileKey, head.streamNonce);
  const last = await aead.seal(chunkNonce(chunksHeld(end), true), tail);
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(stagedFileBytes(end));
    await writeAt(handle, last, chunkPosition(chunksHeld(end)));
    await writeAt(handle, headBytes, 0);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function unlessExisting(thrown: unknown): void {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) {
    throw thrown;
  }
}
