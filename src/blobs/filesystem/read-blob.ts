import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { DamagedObject } from '#age/damaged.ts';
import type { KeyRing } from '#age/key-ring.ts';
import { streamKey } from '#age/stream.ts';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { headBytes, openHead } from './head.ts';
import { type Layout, objectPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';
import { openChunks, readAt } from './open-chunks.ts';
import { chunksOf } from './sealed-sizes.ts';

const batchBytes = 256 * 1024;

export interface Reading {
  readonly layout: Layout;
  readonly keys: KeyRing;
  readonly hash: Sha256;
}

/**
 * Nothing is opened until the first bytes are asked for, so that a stream that nobody reads holds nothing open. The last of
 * the bytes are handed out only when all of them have the hash.
 */
export async function readBlob(reading: Reading): Promise<ReadableStream<Uint8Array>> {
  const object = await openObject(reading);
  if (object === undefined) {
    throw missing();
  }
  await object.handle.close();
  return streamOf(wholeObject(reading));
}

export function streamOf(bytes: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(new BlobSource(bytes), { highWaterMark: 0 });
}

class BlobSource {
  readonly #bytes: AsyncGenerator<Uint8Array>;

  constructor(bytes: AsyncGenerator<Uint8Array>) {
    this.#bytes = bytes;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { done, value } = await onMedium('read a blob', () => this.#bytes.next());
    if (done === true || value === undefined) {
      controller.close();
    } else {
      controller.enqueue(value);
    }
  }

  async cancel(): Promise<void> {
    await this.#bytes.return(undefined);
  }
}

async function* wholeObject(reading: Reading): AsyncGenerator<Uint8Array> {
  const object = await openObject(reading);
  if (object === undefined) {
    throw missing();
  }
  try {
    yield* checked(
      object.isSealed ? sealedBytes(object.handle, reading) : vouchedBytes(object.handle, reading),
      reading.hash,
    );
  } catch (thrown) {
    throw thrown instanceof DamagedObject ? damaged(reading.hash, thrown) : thrown;
  } finally {
    await object.handle.close();
  }
}

interface OpenObject {
  readonly handle: FileHandle;
  readonly isSealed: boolean;
}

/** One that is being sealed may have changed its form between the first two looks. */
async function openObject({ layout, hash }: Reading): Promise<OpenObject | undefined> {
  const { path, olderPath } = objectPath(layout, hash);
  for (const name of [path, olderPath, path]) {
    const handle = await onMedium('open a blob', () => unlessMissing(layout, () => open(name, 'r')));
    if (handle !== undefined) {
      return { handle, isSealed: name === path };
    }
  }
  return undefined;
}

/** @throws DamagedObject in place of the last bytes when not all of them are those of the hash. */
async function* checked(bytes: AsyncGenerator<Uint8Array>, hash: Sha256): AsyncGenerator<Uint8Array> {
  const whole = createHash('sha256');
  let held: Uint8Array = new Uint8Array();
  for await (const more of bytes) {
    if (held.length > 0) {
      yield held;
    }
    whole.update(more);
    held = more;
  }
  if (whole.digest('hex') !== hash) {
    throw new DamagedObject('The bytes have another SHA-256.');
  }
  if (held.length > 0) {
    yield held;
  }
}

async function* sealedBytes(handle: FileHandle, { keys, hash }: Reading): AsyncGenerator<Uint8Array> {
  const { size } = await handle.stat();
  const bytes = new Uint8Array(headBytes);
  const read = await readAt(handle, bytes, 0);
  const head = await openHead(keys, bytes.subarray(0, read), { kind: 'custody-sha256', name: hash });
  const aead = await streamKey(head.fileKey, head.streamNonce);
  yield* openChunks({ handle, aead, first: 0, end: chunksOf(size), isWhole: true });
}

/** Nothing but the hash of the whole vouches for bytes that were never sealed, so it is asked before the first is given. */
async function* vouchedBytes(handle: FileHandle, { hash }: Reading): AsyncGenerator<Uint8Array> {
  for await (const _ of checked(plainBytes(handle), hash)) {
    // Only the end counts.
  }
  yield* plainBytes(handle);
}

/** The bytes of a file from before evidence was sealed. */
export async function* plainBytes(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const buffer = new Uint8Array(batchBytes);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) {
      return;
    }
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function damaged(hash: Sha256, cause: DamagedObject): Fault {
  const message = `The stored bytes of ${hash} are damaged and are not given out: ${cause.message} Fetch the file again.`;
  return new Fault('evidence_damaged', message, { cause, details: { sha256: hash } });
}

function missing(): Fault {
  return new Fault('not_found', 'Evidence storage has no such file.', { details: { what: 'evidence' } });
}
