import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { DamagedObject } from '#age/damaged.ts';
import { checkMac, encodeHeader, parseHeader, type Stanza } from '#age/header.ts';
import type { KeyRing } from '#age/key-ring.ts';
import { fileKeyBytes, unwrapFileKey, wrapFileKey } from '#age/stanza.ts';
import { streamNonceBytes } from '#age/stream.ts';
import { unlessNoFile } from './medium.ts';

/**
 * What a sealed file begins with: an age v1 header (C2SP age) of one recipient, which says what the file is, and the nonce of
 * its content. Its length is always the same, so that it can be written last, and written again.
 */
export interface Head {
  readonly fileKey: Uint8Array<ArrayBuffer>;
  readonly streamNonce: Uint8Array<ArrayBuffer>;
}

/** What a head belongs to; 64 hex digits name it. Under any other name it does not open. */
export interface HeadOwner {
  readonly kind: 'custody-sha256' | 'custody-upload';
  readonly name: string;
}

const lineBytes = {
  version: 'age-encryption.org/v1\n'.length,
  x25519: '-> X25519 \n'.length + 43 + 43 + 1,
  owner: '-> custody-sha256 \n'.length + 64 + 1,
  mac: '--- \n'.length + 43,
};

const headerBytes = lineBytes.version + lineBytes.x25519 + lineBytes.owner + lineBytes.mac;

/** Bytes up to the first chunk. */
export const headBytes = headerBytes + streamNonceBytes;

export function newHead(): Head {
  return {
    fileKey: new Uint8Array(randomBytes(fileKeyBytes)),
    streamNonce: new Uint8Array(randomBytes(streamNonceBytes)),
  };
}

/** age ignores stanzas of kinds that it does not know, and its code covers them: so the owner cannot be changed. */
export async function encodeHead(keys: KeyRing, head: Head, { kind, name }: HeadOwner): Promise<Uint8Array> {
  const owner: Stanza = { type: kind, arguments: [name], body: new Uint8Array() };
  const header = encodeHeader([await wrapFileKey(head.fileKey, keys.current.recipient), owner], head.fileKey);
  if (header.length !== headerBytes) {
    throw new Error(`A header has ${header.length} bytes instead of ${headerBytes}.`);
  }
  return Buffer.concat([header, head.streamNonce]);
}

/** Overwrites the key of a file, durably. One that is not there is fine. */
export async function forgetHead(path: string): Promise<void> {
  const handle = await open(path, 'r+').catch(unlessNoFile);
  try {
    await handle?.write(new Uint8Array(headBytes), 0, headBytes, 0);
    await handle?.datasync();
  } finally {
    await handle?.close();
  }
}

export interface OpenedHead extends Head {
  readonly isCurrent: boolean;
}

/** @throws DamagedObject for anything but a head of this owner, locked to one of these keys. */
export async function openHead(keys: KeyRing, bytes: Uint8Array, { kind, name }: HeadOwner): Promise<OpenedHead> {
  const header = parseHeader(bytes);
  const { fileKey, isCurrent } = await unlock(keys, header.stanzas);
  checkMac(header, fileKey);
  const [owner, ...more] = header.stanzas.filter(({ type }) => type !== 'X25519');
  const isOwn = owner?.type === kind && owner.arguments.join() === name && more.length === 0;
  if (!isOwn || header.length !== headerBytes || bytes.length < headBytes) {
    throw new DamagedObject('The object is another one than its name says.');
  }
  return {
    fileKey: new Uint8Array(fileKey),
    streamNonce: new Uint8Array(bytes.slice(headerBytes, headBytes)),
    isCurrent,
  };
}

async function unlock(
  { current, retiring }: KeyRing,
  stanzas: readonly Stanza[],
): Promise<{ readonly fileKey: Uint8Array; readonly isCurrent: boolean }> {
  let refusal: unknown;
  for (const key of [current, ...retiring]) {
    try {
      return { fileKey: await unwrapFileKey(stanzas, key), isCurrent: key === current };
    } catch (thrown) {
      if (!(thrown instanceof DamagedObject)) {
        throw thrown;
      }
      refusal = thrown;
    }
  }
  throw refusal;
}
