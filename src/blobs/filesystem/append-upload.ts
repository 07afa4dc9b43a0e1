import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { UploadId, UploadPart } from '#core/ports/blobs.ts';
import type { Layout } from './layout.ts';
import { mediumFault, onMedium } from './medium.ts';
import { type Part, writePart } from './parts.ts';
import type { RunningHashes } from './running-hashes.ts';
import { endOf } from './staged-parts.ts';
import { syncDirectory } from './sync-directory.ts';

/** Written at once: a connection brings its bytes in small pieces, and every write costs a way to another thread. */
const batchBytes = 256 * 1024;

export interface Append {
  readonly upload: UploadId;
  readonly hashes: RunningHashes;
  readonly path: string;
  /** What is durable of it; undefined when there is none yet. */
  readonly staged: readonly Part[] | undefined;
  readonly part: UploadPart;
}

/**
 * Appends a stream and answers once its bytes are on the disk. However the stream or the disk fails, what was
 * acknowledged before stays, and so does every whole prefix that could still be made durable.
 */
export async function appendUpload(layout: Layout, append: Append): Promise<number> {
  const reader = append.part.body.getReader();
  try {
    const handle = await openAt(layout, append);
    try {
      return await appendFrom(reader, handle, append);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    // The sender must not go on into nothing; a stream that is broken already has nothing to cancel.
    await reader.cancel(thrown).catch(() => undefined);
    throw thrown;
  } finally {
    reader.releaseLock();
  }
}

/** Without the bytes behind the last durable part: a process was killed over them. */
async function openAt(layout: Layout, { path, staged, part }: Append): Promise<FileHandle> {
  const end = endOf(staged);
  if (part.offset !== end) {
    throw new Fault('conflict', `The upload goes on at byte ${end}, not at ${part.offset}.`, {
      details: { offset: end },
    });
  }
  return onMedium('open an upload', async () => {
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    try {
      await handle.truncate(end);
      if (staged === undefined) {
        await writePart(path, 0, undefined);
        await syncDirectory(layout.staging);
      }
      return handle;
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  });
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

interface Progress {
  position: number;
  /** Of this part. */
  readonly hash: Hash;
  /** Of the upload from its first byte on, where that is known. */
  readonly whole: Hash | undefined;
}

async function appendFrom(reader: Reader, handle: FileHandle, append: Append): Promise<number> {
  const { upload, hashes, part } = append;
  const progress: Progress = {
    position: part.offset,
    hash: createHash('sha256'),
    whole: hashes.take(upload, part.offset),
  };
  try {
    await copy(reader, handle, { progress, limit: part.limit });
  } catch (thrown) {
    await settle(handle, append, progress);
    throw thrown;
  }
  await onMedium('make an upload durable', () => settle(handle, append, progress));
  return progress.position;
}

interface CopyBounds {
  readonly progress: Progress;
  readonly limit: number;
}

/** Reads no faster than the disk writes. What came before a stream broke is written too. */
async function copy(reader: Reader, handle: FileHandle, { progress, limit }: CopyBounds): Promise<void> {
  const batch: Uint8Array[] = [];
  let waiting = 0;
  const write = async () => {
    const bytes = Buffer.concat(batch.splice(0));
    waiting = 0;
    await writeWhole(handle, bytes, progress);
  };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) {
        return;
      }
      const room = value.subarray(0, Math.max(0, limit - progress.position - waiting));
      batch.push(room);
      waiting += room.length;
      if (room.length < value.length) {
        throw new Fault('too_large', `The upload has more than ${limit} bytes.`, { details: { limit } });
      }
      if (waiting >= batchBytes) {
        await write();
      }
    }
  } finally {
    await write();
  }
}

/** One write may take less than it was given. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, progress: Progress): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.subarray(written);
    const { bytesWritten } = await onMedium('write', () => handle.write(rest, 0, rest.length, progress.position));
    if (bytesWritten === 0) {
      throw mediumFault('write', new Error('The disk took no bytes.'));
    }
    progress.hash.update(rest.subarray(0, bytesWritten));
    progress.whole?.update(rest.subarray(0, bytesWritten));
    written += bytesWritten;
    progress.position += bytesWritten;
  }
}

/**
 * Makes what was written durable, and then says so in the list of parts. A failed sync may have dropped any of it while
 * the file still looks whole, so the upload is then cut back to what was safe before.
 */
async function settle(handle: FileHandle, append: Append, progress: Progress): Promise<void> {
  const { path, upload, hashes, staged = [], part } = append;
  const { position, whole } = progress;
  const isEmpty = position === part.offset;
  try {
    if (!isEmpty || staged.length === 0) {
      await handle.datasync();
      await writePart(path, staged.length, { end: position, sha256: progress.hash.digest('hex') });
    }
  } catch (thrown) {
    await handle.truncate(part.offset);
    throw thrown;
  }
  if (whole !== undefined) {
    hashes.keep(upload, position, whole);
  }
}
