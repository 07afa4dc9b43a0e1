import { mkdir } from 'node:fs/promises';
import type { KeyRing } from '#age/key-ring.ts';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore, EvidenceRoom, Rewrapped, SealedOlder, UploadId, UploadPart } from '#core/ports/blobs.ts';
import type { Random } from '#core/ports/random.ts';
import type { Milliseconds } from '#core/time.ts';
import { appendUpload } from './append-upload.ts';
import { blobSize } from './blob-size.ts';
import { commitUpload, confirmStored } from './commit-upload.ts';
import { discardRivals, discardUpload } from './discard-upload.ts';
import { HashTurns } from './hash-turns.ts';
import { type Layout, layoutOf, stagingPath } from './layout.ts';
import { listBlobs } from './list-blobs.ts';
import { onMedium } from './medium.ts';
import { sweepProbes, writeProbe } from './probe.ts';
import { readBlob } from './read-blob.ts';
import { demandKeys, forgetOtherKeys } from './recipients.ts';
import { removeBlob } from './remove-blob.ts';
import { completeRewrap, demandNoRewrap, rewrapAll } from './rewrap.ts';
import { demandRoomFor, noReserve, type Reserve, roomOf } from './room.ts';
import { RunningHashes } from './running-hashes.ts';
import { sealOlder } from './seal-older.ts';
import { endOf, type Staged, stagedUpload } from './staged-upload.ts';
import { sweepStaged } from './sweep-staged.ts';
import { syncDirectory } from './sync-directory.ts';

export interface FilesystemBlobsOptions {
  /** Made when it is missing, with mode 0700. Belongs to one process at a time. */
  readonly directory: string;
  readonly keys: KeyRing;
  readonly random: Pick<Random, 'uuid'>;
  /** To read beside the process that it belongs to. */
  readonly isBeside?: boolean;
  /** Default: none. */
  readonly reserve?: Reserve;
}

/**
 * Evidence in a directory, sealed as docs/evidence-format.md has it. Holds no file open between calls.
 * @throws Fault `evidence_unavailable` when the directory cannot be made or used, or is locked to other keys.
 */
export async function openFilesystemBlobs(options: FilesystemBlobsOptions): Promise<BlobStore> {
  const { directory, keys, random, isBeside = false, reserve = noReserve } = options;
  const layout = layoutOf(directory);
  await onMedium('be opened', async () => {
    await mkdir(layout.staging, { recursive: true, mode: 0o700 });
    await mkdir(layout.objects, { recursive: true, mode: 0o700 });
    await demandKeys(layout, keys);
    if (isBeside) {
      await demandNoRewrap(layout);
      return;
    }
    await completeRewrap(layout);
    await sweepProbes(layout);
    await syncDirectory(layout.root);
  });
  return new FilesystemBlobs(layout, { keys, random, reserve });
}

class FilesystemBlobs implements BlobStore {
  readonly reach = 'process';
  readonly #layout: Layout;
  readonly #keys: KeyRing;
  readonly #random: Pick<Random, 'uuid'>;
  readonly #reserve: Reserve;
  readonly #hashes = new RunningHashes();
  readonly #turns = new HashTurns();
  /** What each upload under way had safe before it; the file itself may be ahead of that. */
  readonly #underWay = new Map<UploadId, Promise<Staged | undefined>>();

  constructor(
    layout: Layout,
    { keys, random, reserve }: Required<Omit<FilesystemBlobsOptions, 'directory' | 'isBeside'>>,
  ) {
    this.#layout = layout;
    this.#keys = keys;
    this.#random = random;
    this.#reserve = reserve;
  }

  demandWritable(): Promise<void> {
    return onMedium('be written', () => writeProbe(this.#layout, this.#random));
  }

  room(): Promise<EvidenceRoom | undefined> {
    return roomOf(this.#layout, this.#reserve);
  }

  async demandRoom(bytes: number): Promise<void> {
    demandRoomFor(bytes, await this.room());
  }

  size(hash: Sha256): Promise<number | undefined> {
    return blobSize(this.#layout, hash);
  }

  async staged(upload: UploadId): Promise<number> {
    return endOf(await (this.#underWay.get(upload) ?? stagedUpload(this.#layout, this.#keys, upload)));
  }

  append(upload: UploadId, part: UploadPart): Promise<number> {
    const path = stagingPath(this.#layout, upload);
    return this.#aloneOn(upload, async (staged) => {
      if (part.limit > part.offset) {
        await this.demandRoom(0);
      }
      if (staged === undefined) {
        await discardRivals(this.#layout, upload);
      }
      return appendUpload(this.#layout, { ...{ upload, path, staged, part }, keys: this.#keys, hashes: this.#hashes });
    });
  }

  commit(upload: UploadId, hash: Sha256): Promise<void> {
    return this.#aloneOn(upload, (staged) =>
      staged === undefined
        ? confirmStored(this.#layout, hash)
        : commitUpload(this.#layout, { upload, hash, staged, keys: this.#keys, hashes: this.#hashes }),
    );
  }

  discard(upload: UploadId): Promise<void> {
    return this.#aloneOn(upload, () => discardUpload(this.#layout, upload));
  }

  sweepStaged(before: Milliseconds): Promise<number> {
    return sweepStaged(this.#layout, { before, isUnderWay: (upload) => this.#underWay.has(upload) });
  }

  read(hash: Sha256): Promise<ReadableStream<Uint8Array>> {
    return readBlob({ layout: this.#layout, keys: this.#keys, hash });
  }

  remove(hash: Sha256): Promise<void> {
    return removeBlob(this.#layout, hash);
  }

  alone<Result>(hash: Sha256, work: () => Promise<Result>): Promise<Result> {
    return this.#turns.take(hash, work);
  }

  list(): AsyncIterable<Sha256> {
    return listBlobs(this.#layout);
  }

  sealOlder(signal: AbortSignal): Promise<SealedOlder> {
    return sealOlder(this.#layout, this, signal);
  }

  async rewrap(): Promise<Rewrapped> {
    const rewrapped = await rewrapAll(this.#layout, this.#keys);
    if (rewrapped.damaged.length === 0) {
      await onMedium('forget an older key', () => forgetOtherKeys(this.#layout, this.#keys));
    }
    return rewrapped;
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  /** @throws Fault `conflict` when the upload is being worked on already. */
  async #aloneOn<Result>(upload: UploadId, work: (staged: Staged | undefined) => Promise<Result>): Promise<Result> {
    if (this.#underWay.has(upload)) {
      throw new Fault('conflict', 'Another request is working on this upload. Ask for its offset and go on there.');
    }
    const staged = stagedUpload(this.#layout, this.#keys, upload);
    this.#underWay.set(upload, staged);
    try {
      return await work(await staged);
    } finally {
      this.#underWay.delete(upload);
    }
  }
}
