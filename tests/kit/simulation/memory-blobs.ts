import { createHash } from 'node:crypto';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore, Rewrapped, SealedOlder, UploadId, UploadPart } from '#core/ports/blobs.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Life } from './life.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

const longestStep: Milliseconds = 10;
const placeDigits = 32;

/** What outlives a server: what it acknowledged of uploads, and what is stored. */
export interface BlobMedium {
  readonly staged: Map<UploadId, Uint8Array>;
  readonly stored: Map<Sha256, Uint8Array>;
}

export interface MemoryBlobsSettings {
  readonly medium: BlobMedium;
  readonly life: Life;
  readonly timeline: Timeline;
  readonly weather: Weather;
}

/**
 * Evidence storage of one run of a simulated server. Nothing of it is on a disk, so nothing is encrypted; all else is as the
 * port says, and what a server ends over is not kept.
 */
export class MemoryBlobs implements BlobStore {
  readonly reach = 'process';
  readonly #settings: MemoryBlobsSettings;
  readonly #appending = new Set<UploadId>();
  readonly #turns = new Map<Sha256, Promise<unknown>>();

  constructor(settings: MemoryBlobsSettings) {
    this.#settings = settings;
  }

  demandWritable(): Promise<void> {
    return this.#step();
  }

  async room(): Promise<undefined> {
    await this.#step();
  }

  demandRoom(): Promise<void> {
    return this.#step();
  }

  async size(hash: Sha256): Promise<number | undefined> {
    await this.#step();
    return this.#medium.stored.get(hash)?.length;
  }

  async staged(upload: UploadId): Promise<number> {
    await this.#step();
    return this.#medium.staged.get(upload)?.length ?? 0;
  }

  async append(upload: UploadId, { offset, body, limit }: UploadPart): Promise<number> {
    if (this.#appending.has(upload)) {
      throw new Fault('conflict', 'Another append to this upload is under way.');
    }
    this.#appending.add(upload);
    try {
      await this.#step();
      this.#discardOthers(upload);
      const before = this.#medium.staged.get(upload) ?? new Uint8Array();
      if (offset !== before.length) {
        throw new Fault('conflict', `The upload has ${before.length} bytes.`);
      }
      return await this.#take(upload, { offset, body, limit });
    } finally {
      this.#appending.delete(upload);
    }
  }

  async commit(upload: UploadId, hash: Sha256): Promise<void> {
    await this.#step();
    const { staged, stored } = this.#medium;
    const bytes = staged.get(upload);
    if (bytes === undefined) {
      if (stored.has(hash)) {
        return;
      }
      throw new Fault('not_found', 'Nothing is staged.', { details: { what: 'evidence' } });
    }
    const found = createHash('sha256').update(bytes).digest('hex');
    staged.delete(upload);
    if (found !== hash) {
      throw new Fault('conflict', 'The bytes have another hash.', { details: { found } });
    }
    stored.set(hash, bytes);
  }

  async discard(upload: UploadId): Promise<void> {
    await this.#step();
    this.#medium.staged.delete(upload);
  }

  /** No simulation lasts so long. */
  async sweepStaged(): Promise<number> {
    return 0;
  }

  async read(hash: Sha256): Promise<ReadableStream<Uint8Array>> {
    await this.#step();
    const bytes = this.#medium.stored.get(hash);
    if (bytes === undefined) {
      throw new Fault('not_found', 'There is no such evidence.', { details: { what: 'evidence' } });
    }
    return new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice());
        controller.close();
      },
    });
  }

  async remove(hash: Sha256): Promise<void> {
    await this.#step();
    this.#medium.stored.delete(hash);
  }

  alone<Result>(hash: Sha256, work: () => Promise<Result>): Promise<Result> {
    const result = (this.#turns.get(hash) ?? Promise.resolve()).then(work);
    this.#turns.set(
      hash,
      result.catch(() => undefined),
    );
    return result;
  }

  async *list(): AsyncIterable<Sha256> {
    yield* this.#medium.stored.keys();
  }

  async sealOlder(): Promise<SealedOlder> {
    return { sealed: 0, damaged: [] };
  }

  async rewrap(): Promise<Rewrapped> {
    return { rewrapped: 0, damaged: [] };
  }

  async close(): Promise<void> {
    return undefined;
  }

  get #medium(): BlobMedium {
    return this.#settings.medium;
  }

  /** What arrived before a broken stream stays; it is acknowledged, as the offset, only when it is durable. */
  async #take(upload: UploadId, { body, limit }: UploadPart): Promise<number> {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      await this.#step();
      const before = this.#medium.staged.get(upload) ?? new Uint8Array();
      if (done) {
        this.#medium.staged.set(upload, before);
        return before.length;
      }
      if (before.length + value.length > limit) {
        throw new Fault('too_large', `The upload has at most ${limit} bytes.`);
      }
      this.#medium.staged.set(upload, new Uint8Array(Buffer.concat([before, value])));
    }
  }

  #discardOthers(upload: UploadId): void {
    const place = upload.slice(0, placeDigits);
    for (const other of [...this.#medium.staged.keys()]) {
      if (other !== upload && other.startsWith(place)) {
        this.#medium.staged.delete(other);
      }
    }
  }

  #step(): Promise<void> {
    const { life, timeline, weather } = this.#settings;
    return new Promise((resolve) => {
      timeline.at(weather.delay(longestStep), () => life.isOver || resolve());
    });
  }
}
