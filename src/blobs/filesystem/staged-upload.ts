import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { KeyRing } from '#age/key-ring.ts';
import { chunkBytes, streamKey } from '#age/stream.ts';
import type { UploadId } from '#core/ports/blobs.ts';
import type { Head } from './head.ts';
import { type Layout, stagingPath } from './layout.ts';
import { onMedium, unlessMissing } from './medium.ts';
import { openChunks } from './open-chunks.ts';
import { chunksHeld, stagedFileBytes } from './sealed-sizes.ts';
import { type Part, readSideFile, readTail } from './side-file.ts';

/** What is durable of an upload. */
export interface Staged {
  readonly head: Head;
  readonly parts: readonly Part[];
  /** The bytes behind the last chunk that its file holds. */
  readonly tail: Uint8Array<ArrayBuffer>;
}

/**
 * An upload that nobody appends to; undefined when there is none, or only what an older version or a crash left of one. A part
 * that has lost bytes does not count, and neither does what follows it.
 */
export async function stagedUpload(layout: Layout, keys: KeyRing, upload: UploadId): Promise<Staged | undefined> {
  const path = stagingPath(layout, upload);
  return onMedium('tell the size of an upload', () =>
    unlessMissing(layout, async () => {
      const { size } = await stat(path);
      const side = await readSideFile(path, { keys, upload });
      return side === undefined ? undefined : wholeOf(path, side.head, fitting(side.parts, size));
    }),
  );
}

function fitting(parts: readonly Part[], fileBytes: number): readonly Part[] {
  return parts.filter(({ end }) => end === 0 || stagedFileBytes(end) <= fileBytes);
}

/** Up to the last part whose tail is there. */
async function wholeOf(path: string, head: Head, parts: readonly Part[]): Promise<Staged> {
  for (let count = parts.length; count > 0; count -= 1) {
    const part = parts[count - 1];
    const tail = part === undefined ? undefined : await readTail(path, head, { count, part });
    if (tail !== undefined) {
      return { head, parts: parts.slice(0, count), tail };
    }
  }
  return { head, parts: [], tail: new Uint8Array() };
}

export function endOf(staged: Pick<Staged, 'parts'> | undefined): number {
  return staged?.parts.at(-1)?.end ?? 0;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The bytes of an upload from `start` up to `end`. @throws DamagedObject where they are no longer what was written. */
export async function* stagedBytes(path: string, staged: Staged, { start, end }: Range): AsyncGenerator<Uint8Array> {
  const held = chunksHeld(endOf(staged));
  const first = Math.min(held, Math.floor(start / chunkBytes));
  let position = first * chunkBytes;
  for await (const bytes of withTail(path, staged, { first, end: Math.min(held, Math.ceil(end / chunkBytes)) })) {
    const wanted = bytes.subarray(Math.max(0, start - position), Math.max(0, end - position));
    position += bytes.length;
    if (wanted.length > 0) {
      yield wanted;
    }
  }
}

async function* withTail(
  path: string,
  { head, tail }: Staged,
  chunks: { readonly first: number; readonly end: number },
): AsyncGenerator<Uint8Array> {
  if (chunks.first < chunks.end) {
    const handle = await open(path, 'r');
    try {
      const aead = await streamKey(head.fileKey, head.streamNonce);
      yield* openChunks({ handle, aead, ...chunks, isWhole: false });
    } finally {
      await handle.close();
    }
  }
  yield tail;
}

/** SHA-256 in hex. */
export async function hashOfStaged(path: string, staged: Staged, range: Range): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of stagedBytes(path, staged, range)) {
    hash.update(bytes);
  }
  return hash.digest('hex');
}
