import { randomBytes } from 'node:crypto';
import { encodeHeader } from '#age/header.ts';
import { inOrder } from '#age/in-order.ts';
import { fileKeyBytes, wrapFileKey } from '#age/stanza.ts';
import { chunkBytes, chunkNonce, streamKey, streamNonceBytes } from '#age/stream.ts';

/** Fills the front of a buffer with what comes next; 0: there is no more. */
export type Source = (into: Uint8Array) => number;

/**
 * An age v1 file (C2SP age) that each of the recipients opens, piece by piece. The source is read ahead of what is handed
 * out, by a bounded number of chunks; whoever stops early leaves nothing behind.
 * @param recipients X25519 public keys, 32 bytes each.
 */
export async function* encrypt(source: Source, recipients: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  const fileKey = new Uint8Array(randomBytes(fileKeyBytes));
  const stanzas = await Promise.all(recipients.map((recipient) => wrapFileKey(fileKey, recipient)));
  const nonce = new Uint8Array(randomBytes(streamNonceBytes));
  yield encodeHeader(stanzas, fileKey);
  yield nonce;
  const aead = await streamKey(fileKey, nonce);
  yield* inOrder(sealing(source, (piece, index) => aead.seal(chunkNonce(index, piece.isLast), piece.bytes)));
}

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isLast: boolean;
}

function* sealing(
  source: Source,
  seal: (piece: Piece, index: number) => Promise<Uint8Array>,
): Generator<Promise<Uint8Array>> {
  let index = 0;
  for (const piece of pieces(source)) {
    yield seal(piece, index);
    index += 1;
  }
}

/**
 * The last piece is never empty unless it is the only one: one more piece is read before a full one is let go. Two buffers
 * do for a file of any size: the cipher has copied a piece before the next but one is read.
 */
function* pieces(source: Source): Generator<Piece> {
  let [here, ahead] = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  let bytes = filled(here, source);
  while (bytes.length === chunkBytes) {
    const next = filled(ahead, source);
    if (next.length === 0) {
      break;
    }
    yield { bytes, isLast: false };
    bytes = next;
    [here, ahead] = [ahead, here];
  }
  yield { bytes, isLast: true };
}

function filled(buffer: Uint8Array<ArrayBuffer>, source: Source): Uint8Array<ArrayBuffer> {
  let length = 0;
  while (length < buffer.length) {
    const more = source(buffer.subarray(length));
    if (more === 0) {
      break;
    }
    length += more;
  }
  return buffer.subarray(0, length);
}
