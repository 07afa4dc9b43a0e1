import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore, SealedOlder, UploadId } from '#core/ports/blobs.ts';
import { type Layout, objectPath } from './layout.ts';
import { listObjects } from './list-blobs.ts';
import { onMedium, unlessMissing } from './medium.ts';
import { plainBytes, streamOf } from './read-blob.ts';

/**
 * Seals what was stored in plain, one object after the other, by the way of every upload: whatever cuts it off, the plain file
 * goes only when the sealed one has its place.
 * @returns those whose bytes no longer have their hash; they stay as they are.
 */
export async function sealOlder(layout: Layout, blobs: BlobStore, signal: AbortSignal): Promise<SealedOlder> {
  const damaged: Sha256[] = [];
  let sealed = 0;
  for await (const { hash, isSealed } of listObjects(layout)) {
    if (signal.aborted) {
      break;
    }
    if (!isSealed) {
      const end = await blobs.alone(hash, () => sealOne(layout, blobs, hash));
      sealed += end === 'sealed' ? 1 : 0;
      damaged.push(...(end === 'damaged' ? [hash] : []));
    }
  }
  return { sealed, damaged };
}

async function sealOne(layout: Layout, blobs: BlobStore, hash: Sha256): Promise<'sealed' | 'damaged' | 'gone'> {
  const upload = createHash('sha256').update(`custody-seal\0${hash}`).digest('hex') as UploadId;
  const { olderPath } = objectPath(layout, hash);
  const handle = await onMedium('open a blob', () => unlessMissing(layout, () => open(olderPath, 'r')));
  if (handle === undefined) {
    return 'gone';
  }
  try {
    await blobs.discard(upload);
    const body = streamOf(plainBytes(handle));
    await blobs.append(upload, { offset: 0, body, limit: Number.MAX_SAFE_INTEGER });
    await blobs.commit(upload, hash);
    return 'sealed';
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'conflict' && thrown.details['found'] !== undefined) {
      return 'damaged';
    }
    throw thrown;
  } finally {
    await handle.close();
  }
}
