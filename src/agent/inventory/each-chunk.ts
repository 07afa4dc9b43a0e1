import fs from 'node:fs';
import type { Handle } from '../platform/platform.ts';

/** One buffer for all files: a new one for each small file would cost more than its hashes. */
const buffer = Buffer.allocUnsafeSlow(256 * 1024);
/** After so many bytes of one file others may have their turn. */
const span = 64 * 1024 * 1024;

/** Work on one file that can be set aside now and then. */
export type FileSteps<Result> = Generator<undefined, Result>;

/**
 * Hands over the bytes of an open file from its start; each chunk is gone when `take` returns.
 * @returns how many bytes there were.
 */
export function* chunkSteps(file: Handle, progress: () => void, take: (chunk: Uint8Array) => void): FileSteps<number> {
  let size = 0;
  for (;;) {
    const length = fs.readSync(file, buffer, 0, buffer.length, size);
    if (length === 0) {
      return size;
    }
    progress();
    take(buffer.subarray(0, length));
    if (Math.floor((size + length) / span) > Math.floor(size / span)) {
      yield undefined;
    }
    size += length;
  }
}

/** As `chunkSteps`, without a pause. */
export function eachChunk(file: Handle, progress: () => void, take: (chunk: Uint8Array) => void): number {
  return atOnce(chunkSteps(file, progress, take));
}

export function atOnce<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      return step.value;
    }
  }
}
