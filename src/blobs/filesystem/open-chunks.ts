import type { FileHandle } from 'node:fs/promises';
import type { Aead } from '#age/aead.ts';
import { openChunk, sealedChunkBytes } from '#age/stream.ts';
import { chunkPosition } from './sealed-sizes.ts';

/** Chunks that are read and opened at one time: the bound on memory. */
const batchChunks = 8;

export interface Chunks {
  readonly handle: FileHandle;
  readonly aead: Aead;
  readonly first: number;
  /** One behind the last that is wanted. */
  readonly end: number;
  /** Whether that one is the last of a whole object. */
  readonly isWhole: boolean;
}

/**
 * The plaintext of chunks, some at a time, each only after it was authenticated under its number.
 * @throws DamagedObject at the first that is not what was sealed.
 */
export async function* openChunks({ handle, aead, first, end, isWhole }: Chunks): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(batchChunks * sealedChunkBytes);
  for (let index = first; index < end; index += batchChunks) {
    const wanted = Math.min(batchChunks, end - index);
    const read = await readAt(handle, buffer.subarray(0, wanted * sealedChunkBytes), chunkPosition(index));
    const opened = Array.from({ length: wanted }, (_, ordinal) =>
      openChunk(aead, buffer.subarray(ordinal * sealedChunkBytes, Math.min(read, (ordinal + 1) * sealedChunkBytes)), {
        index: index + ordinal,
        isLast: isWhole && index + ordinal === end - 1,
      }),
    );
    // All of them, so that none is at work when the first failure is thrown.
    const results = await Promise.allSettled(opened);
    yield Buffer.concat(results.map(valueOfSettled));
  }
}

function valueOfSettled<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'rejected') {
    throw result.reason;
  }
  return result.value;
}

/** As many bytes as there are, up to the buffer's length. */
export async function readAt(handle: FileHandle, into: Uint8Array, position: number): Promise<number> {
  let length = 0;
  while (length < into.length) {
    const { bytesRead } = await handle.read(into, length, into.length - length, position + length);
    if (bytesRead === 0) {
      break;
    }
    length += bytesRead;
  }
  return length;
}

/** One write may take less than it was given. */
export async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) {
      throw new Error('The disk took no bytes.');
    }
    written += bytesWritten;
  }
}
