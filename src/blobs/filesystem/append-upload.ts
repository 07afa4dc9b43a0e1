import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Aead } from '#age/aead.ts';
import type { KeyRing } from '#age/key-ring.ts';
import { chunkBytes, chunkNonce, streamKey } from '#age/stream.ts';
import { Fault } from '#core/fault.ts';
import type { UploadId, UploadPart } from '#core/ports/blobs.ts';
import { newHead } from './head.ts';
import type { Layout } from './layout.ts';
import { mediumFault, onMedium } from './medium.ts';
import { writeAt } from './open-chunks.ts';
import type { RunningHashes } from './running-hashes.ts';
import { chunkPosition, chunksHeld, stagedFileBytes } from './sealed-sizes.ts';
import { createSideFile, writePart } from './side-file.ts';
import { endOf, type Staged } from './staged-upload.ts';
import { syncDirectory } from './sync-directory.ts';

/** Chunks that are sealed and written at once: every write costs a way to another thread. */
const batchChunks = 4;

export interface Append {
  readonly upload: UploadId;
  readonly hashes: RunningHashes;
  readonly keys: KeyRing;
  readonly path: string;
  /** What is durable of it; undefined when there is nothing yet. */
  readonly staged: Staged | undefined;
  readonly part: UploadPart;
}

type Begun = Append & { readonly staged: Staged };

/**
 * Appends a stream and answers once its bytes are on the disk, sealed. What was acknowledged before stays however the stream or
 * the disk fails, and so does what a stream brought before it broke.
 */
export async function appendUpload(layout: Layout, append: Append): Promise<number> {
  const reader = append.part.body.getReader();
  try {
    demandOffset(append);
    const staged = append.staged ?? (await onMedium('begin an upload', () => begin(layout, append)));
    const handle = await openAt(append.path, endOf(staged));
    try {
      return await appendFrom(reader, handle, { ...append, staged });
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

function demandOffset({ staged, part }: Append): void {
  const end = endOf(staged);
  if (part.offset !== end) {
    throw new Fault('conflict', `The upload goes on at byte ${end}, not at ${part.offset}.`, {
      details: { offset: end },
    });
  }
}

/** The list last: bytes without one count for nothing, whatever an earlier try has left. */
async function begin(layout: Layout, { path, keys, upload }: Append): Promise<Staged> {
  const head = newHead();
  await (await open(path, 'w', 0o600)).close();
  await createSideFile(path, head, { keys, upload });
  await syncDirectory(layout.staging);
  return { head, parts: [], tail: new Uint8Array() };
}

/** Without the bytes behind the last durable part: a process was killed over them. */
async function openAt(path: string, end: number): Promise<FileHandle> {
  return onMedium('open an upload', async () => {
    const handle = await open(path, constants.O_WRONLY);
    try {
      await handle.truncate(stagedFileBytes(end));
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

async function appendFrom(reader: Reader, handle: FileHandle, append: Begun): Promise<number> {
  const { upload, hashes, part, staged } = append;
  const progress: Progress = {
    position: part.offset,
    hash: createHash('sha256'),
    whole: hashes.take(upload, part.offset),
  };
  const aead = await streamKey(staged.head.fileKey, staged.head.streamNonce);
  const sealing = new Sealing(handle, aead, staged);
  try {
    await copy(reader, sealing, { progress, limit: part.limit });
  } catch (thrown) {
    await settle(handle, append, { progress, sealing });
    throw thrown;
  }
  await onMedium('make an upload durable', () => settle(handle, append, { progress, sealing }));
  return progress.position;
}

interface CopyBounds {
  readonly progress: Progress;
  readonly limit: number;
}

/** Reads no faster than the disk writes. */
async function copy(reader: Reader, sealing: Sealing, { progress, limit }: CopyBounds): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) {
      return;
    }
    const room = value.subarray(0, Math.max(0, limit - progress.position));
    await onMedium('write', () => sealing.take(room));
    progress.hash.update(room);
    progress.whole?.update(room);
    progress.position += room.length;
    if (room.length < value.length) {
      throw new Fault('too_large', `The upload has more than ${limit} bytes.`, { details: { limit } });
    }
  }
}

/**
 * Seals chunk after chunk behind those that are there. A chunk that a killed process has written may be written again under the
 * same number: by the sender of the same content, or it will not have the hash that it must have.
 */
class Sealing {
  readonly #handle: FileHandle;
  readonly #aead: Aead;
  readonly #chunk = new Uint8Array(chunkBytes);
  #filled: number;
  /** Of the next chunk. */
  #index: number;
  #sealed: Promise<Uint8Array>[] = [];
  #isBroken = false;

  constructor(handle: FileHandle, aead: Aead, staged: Staged) {
    this.#handle = handle;
    this.#aead = aead;
    this.#chunk.set(staged.tail);
    this.#filled = staged.tail.length;
    this.#index = chunksHeld(endOf(staged));
  }

  /** What no chunk holds yet: only the end of the upload tells which chunk is its last. */
  get tail(): Uint8Array<ArrayBuffer> {
    return this.#chunk.subarray(0, this.#filled);
  }

  async take(bytes: Uint8Array): Promise<void> {
    for (let taken = 0; taken < bytes.length; ) {
      if (this.#filled === chunkBytes) {
        // The cipher has copied its input before it returns.
        this.#sealed.push(this.#aead.seal(chunkNonce(this.#index + this.#sealed.length, false), this.#chunk));
        this.#filled = 0;
      }
      if (this.#sealed.length === batchChunks) {
        await this.#write();
      }
      const more = bytes.subarray(taken, taken + chunkBytes - this.#filled);
      this.#chunk.set(more, this.#filled);
      this.#filled += more.length;
      taken += more.length;
    }
  }

  /** @throws once a write has failed: what followed it stands on nothing. */
  async flush(): Promise<void> {
    if (this.#isBroken) {
      throw mediumFault('write', new Error('An earlier write failed.'));
    }
    await this.#write();
  }

  async #write(): Promise<void> {
    const sealed = this.#sealed;
    this.#sealed = [];
    try {
      await writeAt(this.#handle, Buffer.concat(await Promise.all(sealed)), chunkPosition(this.#index));
      this.#index += sealed.length;
    } catch (thrown) {
      this.#isBroken = true;
      throw thrown;
    }
  }
}

interface Settling {
  readonly progress: Progress;
  readonly sealing: Sealing;
}

/**
 * Makes what was written durable, and then says so in the list of parts. A failed sync may have dropped any of it while
 * the file still looks whole, so the upload is then cut back to what was safe before.
 */
async function settle(handle: FileHandle, append: Begun, { progress, sealing }: Settling): Promise<void> {
  const { path, upload, hashes, staged, part } = append;
  const { position, whole } = progress;
  try {
    if (position > part.offset || staged.parts.length === 0) {
      await sealing.flush();
      await handle.datasync();
      const added = { end: position, sha256: progress.hash.digest('hex'), tail: sealing.tail };
      await writePart(path, staged.head, { count: staged.parts.length, part: added });
    }
  } catch (thrown) {
    await handle.truncate(stagedFileBytes(part.offset));
    throw thrown;
  }
  if (whole !== undefined) {
    hashes.keep(upload, position, whole);
  }
}
