import { tagBytes } from '#age/aead.ts';
import { chunkBytes, sealedChunkBytes } from '#age/stream.ts';
import { headBytes } from './head.ts';

/**
 * How many chunks stand in the file of an upload of this size. The last chunk, full or not, is not among them: only the end of
 * the upload tells that it is the last, and a last chunk is sealed in another way.
 */
export function chunksHeld(size: number): number {
  return Math.max(0, Math.ceil(size / chunkBytes) - 1);
}

/** How long the file of an upload of this size is. */
export function stagedFileBytes(size: number): number {
  return headBytes + chunksHeld(size) * sealedChunkBytes;
}

/** The bytes behind the chunks that are held: 0 of an empty upload, else 1 to a whole chunk. */
export function tailBytes(size: number): number {
  return size - chunksHeld(size) * chunkBytes;
}

export function chunkPosition(index: number): number {
  return headBytes + index * sealedChunkBytes;
}

/** How many chunks an object of this length has. */
export function chunksOf(fileBytes: number): number {
  return Math.max(1, Math.ceil((fileBytes - headBytes) / sealedChunkBytes));
}

/** What an object of this length holds; undefined when no object has it. */
export function plainSize(fileBytes: number): number | undefined {
  const chunks = chunksOf(fileBytes);
  const size = fileBytes - headBytes - chunks * tagBytes;
  return size > (chunks - 1) * chunkBytes || size === 0 ? size : undefined;
}
