import { mkdir } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore, UploadId, UploadPart } from '#core/ports/blobs.ts';
import type { Random } from '#core/ports/random.ts';
import type { Milliseconds } from '#core/time.ts';
import { appendUpload } from './append-upload.ts';
import { blobSize } from './blob-size.ts';
import { commitUpload, confirmStored } from './commit-upload.ts';
import { discardRivals, discardUpload } from './discard-upload.ts';
import { type Layout, layoutOf, stagingPath } from './layout.ts';
import { listBlobs } from './list-blobs.ts';
import { onMedium } from './medium.ts';
import type { Part } from './parts.ts';
import { sweepProbes, writeProbe } from './probe.ts';
import { readBlob } from './read-blob.ts';
import { RunningHashes } from './running-hashes.ts';
import { endOf, stagedParts } from './staged-parts.ts';
import { sweepStaged } from './sweep-staged.ts';
import { syncDirectory } from './sync-directory.ts';

export interface FilesystemBlobsOptions {
  /** Made when it is missing, with mode 0700. Belongs to one process at a time. */
  readonly directory: string;
  readonly random: Pick<Random, 'uuid'>;
}

/**
 * Evidence in a directory. Holds no file open between calls.
 * @throws Fault `evidence_unavailable` when the directory cannot be made or used.
 */
export async function openFilesystemBlobs({ directory, random }: FilesystemBlobsOptions): Promise<BlobStore> {
  const layout = layoutOf(directory);
  await onMedium('be opened', async () => {
    await mkdir(layout.staging, { recursive: true, mode: 0o700 });
    await mkdir(layout.objects, { recursive: true, mode: 0o700 });
    await sweepProbes(layout);
    await syncDirectory(layout.root);
  });
  return new FilesystemBlobs(layout, random);
}

class FilesystemBlobs implements BlobStore {
  readonly reach = 'process';
  readonly #layout: Layout;
  readonly #random: Pick<Random, 'uuid'>;
  readonly #hashes = new RunningHashes();
  /** What each upload under way had safe before it; the file itself may be ahead of that. */
  readonly #underWay = new Map<UploadId, Promise<readonly Part[] | undefined>>();

  constructor(layout: Layout, random: Pick<Random, 'uuid'>) {
    this.#layout = layout;
    this.#random = random;
  }

  demandWritable(): Promise<void> {
    return onMedium('be written', () => writeProbe(this.#layout, this.#random));
  }

  size(hash: Sha256): Promise<number | undefined> {
    return blobSize(this.#layout, hash);
  }

  async staged(upload: UploadId): Promise<number> {
    return endOf(await (this.#underWay.get(upload) ?? stagedParts(this.#layout, upload)));
  }

  append(upload: UploadId, part: UploadPart): Promise<number> {
    const path = stagingPath(this.#layout, upload);
    return this.#alone(upload, async (staged) => {
      if (staged === undefined) {
        await discardRivals(this.#layout, upload);
      }
      return appendUpload(this.#layout, { ...{ upload, path, staged, part }, hashes: this.#hashes });
    });
  }

  commit(upload: UploadId, hash: Sha256): Promise<void> {
    return this.#alone(upload, (staged) =>
      staged === undefined
        ? confirmStored(this.#layout, hash)
        : commitUpload(this.#layout, { upload, hash, staged, hashes: this.#hashes }),
    );
  }

  discard(upload: UploadId): Promise<void> {
    return this.#alone(upload, () => discardUpload(this.#layout, upload));
  }

  sweepStaged(before: Milliseconds): Promise<number> {
    return sweepStaged(this.#layout, { before, isUnderWay: (upload) => this.#underWay.has(upload) });
  }

  read(hash: Sha256): Promise<ReadableStream<Uint8Array>> {
    return readBlob(this.#layout, hash);
  }

  list(): AsyncIterable<Sha256> {
    return listBlobs(this.#layout);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  /** @throws Fault `conflict` when the upload is being worked on already. */
  async #alone<Result>(
    upload: UploadId,
    work: (staged: readonly Part[] | undefined) => Promise<Result>,
  ): Promise<Result> {
    if (this.#underWay.has(upload)) {
      throw new Fault('conflict', 'Another request is working on this upload. Ask for its offset and go on there.');
    }
    const staged = stagedParts(this.#layout, upload);
    this.#underWay.set(upload, staged);
    try {
      return await work(await staged);
    } finally {
      this.#underWay.delete(upload);
    }
  }
}
