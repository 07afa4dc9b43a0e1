import type { Brand } from '../brand.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Milliseconds } from '../time.ts';

/**
 * 64 lower-case hex digits that name one unfinished upload: 32 for the place that it is meant for, then 32 for the content.
 * A place has one upload at a time, so that whoever may fill one place cannot fill a store.
 */
export type UploadId = Brand<string, 'UploadId'>;

/** What one `append` adds. */
export interface UploadPart {
  /** Where it begins: what `staged` told. */
  readonly offset: number;
  readonly body: ReadableStream<Uint8Array>;
  /** The most bytes that the upload may have after it. */
  readonly limit: number;
}

export interface SealedOlder {
  readonly sealed: number;
  /** Whose bytes no longer have their hash; they stay as they are. */
  readonly damaged: readonly Sha256[];
}

export interface Rewrapped {
  /** What was locked to an older key. */
  readonly rewrapped: number;
  /** What none of the keys opens; it stays as it is, and an older key must be kept for it. */
  readonly damaged: readonly Sha256[];
}

/** How much a medium can still take. */
export interface EvidenceRoom {
  readonly freeBytes: number;
  /** How many of them no upload gets, so that there is always room for what is not evidence. */
  readonly reservedBytes: number;
}

/**
 * Evidence bytes, stored once per content hash, encrypted under a key of the server.
 *
 * Every implementation:
 * - writes nothing of the bytes that is not encrypted and authenticated, unfinished uploads included;
 * - hands out no bytes that are not those that were stored: Fault `evidence_damaged` comes in their place, and always before
 * the last byte of a blob that as a whole has not its hash;
 * - throws Fault `evidence_unavailable` (with the cause) whenever the medium does not answer or has no room;
 * - keeps what `append` acknowledged over a crash of the process and a loss of power;
 * - shows a blob under its hash only after `commit` has compared every byte with that hash;
 * - never builds a name from anything but the hash or the upload id.
 */
export interface BlobStore {
  readonly reach: 'process' | 'cluster';

  /** Proves that a few bytes can be written now, be it of the reserve. @throws Fault `evidence_unavailable` */
  demandWritable(): Promise<void>;

  /** Undefined where the medium does not say. @throws Fault `evidence_unavailable` */
  room(): Promise<EvidenceRoom | undefined>;

  /** @throws Fault `evidence_unavailable` where so many bytes more do not fit beside the reserve. */
  demandRoom(bytes: number): Promise<void>;

  /** The size of a stored blob in bytes; undefined when there is none. */
  size(hash: Sha256): Promise<number | undefined>;

  /**
   * How many bytes of an upload are safe, to the end of a part that was made durable: the only offset at which `append`
   * goes on. 0 for an unknown upload.
   */
  staged(upload: UploadId): Promise<number>;

  /**
   * Appends a stream to an upload; what arrived before a broken stream stays, and what a process was killed over does
   * not. The first part of an upload discards whatever else was begun at its place.
   * @returns the new number of safe bytes.
   * @throws Fault `conflict` when `offset` is not the staged size, or another append to this upload is under way.
   * @throws Fault `evidence_unavailable` when nothing but the reserve is left; what was safe stays.
   * @throws Fault `too_large` when the upload would pass `limit`; nothing beyond `limit` is kept.
   */
  append(upload: UploadId, part: UploadPart): Promise<number>;

  /**
   * Turns an upload into the blob of `hash`. A repeat after success, and a blob that is already there, are fine.
   * @throws Fault `conflict` when the staged bytes have another hash. Where the medium holds other bytes than those that
   * arrived, the upload is cut back to what is still whole, `details.offset`; else other bytes were sent, with the hash
   * `details.found`, and the upload is discarded.
   * @throws Fault `not_found` when nothing is staged and no such blob is stored.
   */
  commit(upload: UploadId, hash: Sha256): Promise<void>;

  /** Forgets an upload; unknown ones are fine. */
  discard(upload: UploadId): Promise<void>;

  /** Forgets every upload that got no bytes since `before`, and is not under way. @returns how many there were. */
  sweepStaged(before: Milliseconds): Promise<number>;

  /**
   * The stream fails with Fault `evidence_damaged` where the stored bytes are not those of the hash.
   * @throws Fault `not_found`
   */
  read(hash: Sha256): Promise<ReadableStream<Uint8Array>>;

  /**
   * Removes a blob for good: the key of its bytes first, then the bytes. An unknown one is fine. To be called within `alone`, as
   * `commit` is, so that no bytes go that somebody has just been told are stored.
   */
  remove(hash: Sha256): Promise<void>;

  /** Does one piece of work on a hash after the other, over the whole reach of this store. */
  alone<Result>(hash: Sha256, work: () => Promise<Result>): Promise<Result>;

  /** Every stored hash, in no particular order. */
  list(): AsyncIterable<Sha256>;

  /** Encrypts what a version before encryption has stored. What is cut off, by the signal too, is done by the next call. */
  sealOlder(signal: AbortSignal): Promise<SealedOlder>;

  /** Locks everything to the current key. What is cut off is done by the next call. Nothing else may run meanwhile. */
  rewrap(): Promise<Rewrapped>;

  close(): Promise<void>;
}
