import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import type { Handle } from '../platform/platform.ts';

const chunkBytes = 256 * 1024;

/** The bytes of an open file from its start, read one chunk at a time. */
export function* chunks(file: Handle, progress: () => void): Generator<Uint8Array<ArrayBuffer>> {
  let position = 0;
  for (;;) {
    const chunk = new Uint8Array(chunkBytes);
    const length = fs.readSync(file, chunk, 0, chunk.length, position);
    if (length === 0) {
      return;
    }
    position += length;
    progress();
    yield chunk.subarray(0, length);
  }
}

export function hashOf(file: Handle, progress: () => void): { readonly sha256: Sha256; readonly size: number } {
  const hash = createHash('sha256');
  let size = 0;
  for (const chunk of chunks(file, progress)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: sha256Schema.parse(hash.digest('hex')), size };
}

/** Writes all of it: a single write may be cut short when the disk is nearly full. */
export function writeWhole(file: Handle, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}
