import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { UploadPart } from '#core/ports/blobs.ts';
import type { Layout } from './layout.ts';
import { mediumFault, onMedium } from './medium.ts';
import { syncDirectory } from './sync-directory.ts';

export interface Append {
  readonly path: string;
  /** Its durable size; undefined when there is none yet. */
  readonly staged: number | undefined;
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
      return await appendFrom(reader, handle, append.part);
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

async function openAt(layout: Layout, { path, staged, part }: Append): Promise<FileHandle> {
  if (part.offset !== (staged ?? 0)) {
    throw new Fault('conflict', `The upload goes on at byte ${staged ?? 0}, not at ${part.offset}.`, {
      details: { offset: staged ?? 0 },
    });
  }
  return onMedium('open an upload', async () => {
    const handle = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    if (staged === undefined) {
      await syncDirectory(layout.staging);
    }
    return handle;
  });
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

async function appendFrom(reader: Reader, handle: FileHandle, part: UploadPart): Promise<number> {
  const progress = { position: part.offset };
  try {
    await copy(reader, handle, { progress, limit: part.limit });
  } catch (thrown) {
    await settle(handle, part.offset);
    throw thrown;
  }
  await onMedium('make an upload durable', () => settle(handle, part.offset));
  return progress.position;
}

interface CopyBounds {
  readonly progress: { position: number };
  readonly limit: number;
}

/** Reads no faster than the disk writes. */
async function copy(reader: Reader, handle: FileHandle, { progress, limit }: CopyBounds): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) {
      return;
    }
    const room = value.subarray(0, Math.max(0, limit - progress.position));
    await writeWhole(handle, room, progress);
    if (room.length < value.length) {
      throw new Fault('too_large', `The upload has more than ${limit} bytes.`, { details: { limit } });
    }
  }
}

/** One write may take less than it was given. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, progress: { position: number }): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.subarray(written);
    const { bytesWritten } = await onMedium('write', () => handle.write(rest, 0, rest.length, progress.position));
    if (bytesWritten === 0) {
      throw mediumFault('write', new Error('The disk took no bytes.'));
    }
    written += bytesWritten;
    progress.position += bytesWritten;
  }
}

/**
 * Makes what was written durable. A failed fsync may have dropped any of it while the file still looks whole, so the
 * upload is then cut back to what was safe before.
 */
async function settle(handle: FileHandle, safe: number): Promise<void> {
  try {
    await handle.sync();
  } catch (thrown) {
    await handle.truncate(safe);
    throw thrown;
  }
}
