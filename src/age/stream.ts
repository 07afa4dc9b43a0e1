import { hkdfSync } from 'node:crypto';
import { type Aead, importAead, nonceBytes, tagBytes } from './aead.ts';
import { DamagedObject } from './damaged.ts';

/** The STREAM of age v1: plaintext in chunks of this length, each sealed by itself under its number and a last-chunk flag. */
export const chunkBytes = 64 * 1024;
export const sealedChunkBytes = chunkBytes + tagBytes;
/** Stands between the header and the first chunk. */
export const streamNonceBytes = 16;

export function streamKey(fileKey: Uint8Array, streamNonce: Uint8Array): Promise<Aead> {
  return importAead(new Uint8Array(hkdfSync('sha256', fileKey, streamNonce, 'payload', 32)));
}

export function chunkNonce(index: number, isLast: boolean): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(nonceBytes);
  const view = new DataView(nonce.buffer);
  view.setUint32(3, Math.floor(index / 2 ** 32));
  view.setUint32(7, index % 2 ** 32);
  view.setUint8(nonceBytes - 1, isLast ? 1 : 0);
  return nonce;
}

/**
 * The plaintext of one chunk. An empty one is good as the only one of a stream.
 * @throws DamagedObject when it is not what was sealed in this place.
 */
export async function openChunk(
  aead: Aead,
  sealed: Uint8Array<ArrayBuffer>,
  { index, isLast }: { readonly index: number; readonly isLast: boolean },
): Promise<Uint8Array> {
  const plaintext = await aead.open(chunkNonce(index, isLast), sealed);
  if (plaintext === undefined || (plaintext.length === 0 && index > 0)) {
    throw damagedContent();
  }
  return plaintext;
}

export function damagedContent(): DamagedObject {
  return new DamagedObject('The content of the object was changed, cut short or added to.');
}

/** What a plaintext of this length becomes, without header and nonce. */
export function sealedStreamBytes(length: number): number {
  return length + Math.max(1, Math.ceil(length / chunkBytes)) * tagBytes;
}
