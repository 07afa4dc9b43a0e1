import { createHash, type Hash } from 'node:crypto';
import type { UploadId } from '#core/ports/blobs.ts';

/** Uploads whose hash runs along at most; those beyond are read back when they are complete. */
const mostHashes = 1_000;

/**
 * The SHA-256 of each upload so far, as long as this process saw it from its first byte on: it saves reading the whole file
 * back. A running hash cannot be kept over a restart; an upload that goes on after one is read back.
 */
export class RunningHashes {
  readonly #hashes = new Map<UploadId, { readonly end: number; readonly hash: Hash }>();

  /** The hash of the first `end` bytes, which is then the caller's; undefined when it is not known. */
  take(upload: UploadId, end: number): Hash | undefined {
    const known = this.#hashes.get(upload);
    this.#hashes.delete(upload);
    if (end === 0) {
      return createHash('sha256');
    }
    return known?.end === end ? known.hash : undefined;
  }

  keep(upload: UploadId, end: number, hash: Hash): void {
    this.#hashes.set(upload, { end, hash });
    const [oldest] = this.#hashes.keys();
    if (this.#hashes.size > mostHashes && oldest !== undefined) {
      this.#hashes.delete(oldest);
    }
  }
}
