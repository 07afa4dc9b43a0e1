import fs from 'node:fs';
import type { Aead } from '#age/aead.ts';
import { longestHeader } from '#age/bounds.ts';
import { checkMac, type Header, parseHeader } from '#age/header.ts';
import { inOrder } from '#age/in-order.ts';
import type { KeyPair } from '#age/keys.ts';
import { unwrapFileKey } from '#age/stanza.ts';
import { damagedContent, openChunk, sealedChunkBytes, streamKey, streamNonceBytes } from '#age/stream.ts';
import type { Handle } from '../../platform/platform.ts';

/** A header that was authenticated, with what it locks. */
export interface Unlocked {
  readonly header: Header;
  readonly fileKey: Uint8Array;
}

/** @throws DamagedObject when there is no sound header, or none for this key. */
export async function unlock(file: Handle, identity: KeyPair): Promise<Unlocked> {
  const head = new Uint8Array(longestHeader);
  const header = parseHeader(head.subarray(0, readAt(file, head, 0)));
  const fileKey = await unwrapFileKey(header.stanzas, identity);
  checkMac(header, fileKey);
  return { header, fileKey };
}

/**
 * The plaintext of an age v1 file (C2SP age), each chunk only after it was authenticated. Read to its end, nothing was
 * changed, moved, cut off or added.
 * @param progress called for every chunk that is read.
 * @throws DamagedObject at the first chunk that is not what was sealed.
 */
export async function* decrypt(file: Handle, identity: KeyPair, progress: () => void): AsyncGenerator<Uint8Array> {
  const { header, fileKey } = await unlock(file, identity);
  const nonce = new Uint8Array(streamNonceBytes);
  if (readAt(file, nonce, header.length) < nonce.length) {
    throw damagedContent();
  }
  const aead = await streamKey(fileKey, nonce);
  yield* inOrder(opening(file, { aead, start: header.length + nonce.length, progress }));
}

interface Opening {
  readonly aead: Aead;
  readonly start: number;
  readonly progress: () => void;
}

/** The flag of the last chunk is in its nonce: whichever chunk stands at the end of the file must open as the last. */
function* opening(file: Handle, { aead, start, progress }: Opening): Generator<Promise<Uint8Array>> {
  const { size } = fs.fstatSync(file);
  // One buffer for all chunks: the cipher has copied a chunk before the next is read.
  const chunk = new Uint8Array(sealedChunkBytes);
  let position = start;
  let index = 0;
  do {
    const sealed = chunk.subarray(0, readAt(file, chunk, position));
    position += sealed.length;
    const isLast = position >= size;
    progress();
    yield openChunk(aead, sealed, { index, isLast });
    index += 1;
  } while (position < size);
}

/** As many bytes as there are, up to the buffer's length. */
function readAt(file: Handle, into: Uint8Array, position: number): number {
  let length = 0;
  while (length < into.length) {
    const more = fs.readSync(file, into, length, into.length - length, position + length);
    if (more === 0) {
      break;
    }
    length += more;
  }
  return length;
}
