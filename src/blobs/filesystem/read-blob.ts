import { type FileHandle, open } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { blobSize } from './blob-size.ts';
import { type Layout, objectPath } from './layout.ts';
import { onMedium } from './medium.ts';

const chunkBytes = 256 * 1024;

/** The file is opened when the first bytes are asked for, so that a stream that nobody reads holds nothing open. */
export async function readBlob(layout: Layout, hash: Sha256): Promise<ReadableStream<Uint8Array>> {
  if ((await blobSize(layout, hash)) === undefined) {
    throw new Fault('not_found', 'Evidence storage has no such file.', { details: { what: 'evidence' } });
  }
  return new ReadableStream(new BlobSource(objectPath(layout, hash).path), { highWaterMark: 0 });
}

class BlobSource {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      await onMedium('read a blob', () => this.#next(controller));
    } catch (thrown) {
      await this.cancel();
      throw thrown;
    }
  }

  async cancel(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #next(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#handle ??= await open(this.#path, 'r');
    const buffer = new Uint8Array(chunkBytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, null);
    if (bytesRead > 0) {
      controller.enqueue(buffer.subarray(0, bytesRead));
      return;
    }
    await this.cancel();
    controller.close();
  }
}
