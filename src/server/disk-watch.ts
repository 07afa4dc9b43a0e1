import { statfs } from 'node:fs/promises';
import { asFault, type Fault } from '#core/fault.ts';
import type { BlobStore, EvidenceRoom } from '#core/ports/blobs.ts';
import type { Log } from '#core/ports/log.ts';
import type { StoreReserve } from './store-reserve.ts';

export interface Watched {
  readonly blobs: Pick<BlobStore, 'room' | 'demandRoom'> | undefined;
  /** Undefined where the database is not on this machine. */
  readonly reserve: Pick<StoreReserve, 'state' | 'tend'> | undefined;
  /** On the disk that is told of. */
  readonly directory: string;
  readonly log: Log;
}

/**
 * Looks at the disks now and then. What it saw last is told at once, because a disk of a server that is gone may not answer for as long
 * as anybody waits.
 */
export class DiskWatch {
  readonly #watched: Watched;
  #evidence: EvidenceRoom | undefined;
  #isEvidenceFull = false;
  /** Before that the reserve may just not be taken yet. */
  #hasLooked = false;
  #dataFreeBytes: number | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Undefined where it is not known. */
  get evidence(): EvidenceRoom | undefined {
    return this.#evidence;
  }

  /** Free bytes of the data directory's disk; undefined where that is not known. */
  get dataFreeBytes(): number | undefined {
    return this.#dataFreeBytes;
  }

  /** 1 or 0; undefined where there is none. */
  get reserveHeld(): number | undefined {
    const state = this.#watched.reserve?.state ?? 'none';
    return state === 'none' ? undefined : Number(state === 'held');
  }

  /** What people should know of a server that can do its work all the same; one line each. */
  notes(): readonly string[] {
    return [
      ...(this.#isEvidenceFull ? ['evidence storage has no room: nothing can be fetched'] : []),
      ...(this.#hasLooked && this.reserveHeld === 0
        ? ['the disk of the database is nearly full: its reserve is not held']
        : []),
    ];
  }

  /** Never rejects. */
  async look(): Promise<void> {
    await Promise.all([this.#watched.reserve?.tend(), this.#lookAtData(), this.#lookAtEvidence()]);
    this.#hasLooked = true;
  }

  async #lookAtData(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#watched.directory);
      this.#dataFreeBytes = bavail * bsize;
    } catch (cause) {
      this.#dataFreeBytes = undefined;
      this.#watched.log.warn('The disk of the data directory does not say how much room it has.', { cause });
    }
  }

  async #lookAtEvidence(): Promise<void> {
    const { blobs } = this.#watched;
    try {
      this.#evidence = await blobs?.room();
      await blobs?.demandRoom(0);
      this.#tellEvidence(undefined);
    } catch (thrown) {
      this.#tellEvidence(asFault(thrown));
    }
  }

  #tellEvidence(fault: Fault | undefined): void {
    const { log } = this.#watched;
    const isFull = fault !== undefined;
    if (isFull && !this.#isEvidenceFull) {
      log.error('Fetched files are refused until evidence storage has room.', { why: fault.message });
    }
    if (!isFull && this.#isEvidenceFull) {
      log.info('Evidence storage has room again.');
    }
    this.#isEvidenceFull = isFull;
  }
}
