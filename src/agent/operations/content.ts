import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { md5Schema, type Sha256, sha1Schema, sha256Schema } from '#core/file/hash.ts';
import type { FileDigests, Handle } from '../platform/platform.ts';

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

/** The digests of an open file, each read and computed when it is first asked for: most files need none of them. */
export function digestsOf(file: Handle, progress: () => void): FileDigests {
  const known = new Map<string, string>();
  const digest = (algorithm: string) => {
    const value = known.get(algorithm) ?? digestOf(file, algorithm, progress);
    known.set(algorithm, value);
    return value;
  };
  return {
    get sha256() {
      return sha256Schema.parse(digest('sha256'));
    },
    get sha1() {
      return sha1Schema.parse(digest('sha1'));
    },
    get md5() {
      return md5Schema.parse(digest('md5'));
    },
  };
}

function digestOf(file: Handle, algorithm: string, progress: () => void): string {
  const hash = createHash(algorithm);
  for (const chunk of chunks(file, progress)) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Writes all of it: a single write may be cut short when the disk is nearly full. */
export function writeWhole(file: Handle, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}
