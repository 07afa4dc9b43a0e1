import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { DamagedObject } from '#age/damaged.ts';
import { parseIdentity, parseRecipient } from '#age/keys.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import { writeWhole } from '../operations/content.ts';
import type { VaultKeys } from '../operations/room.ts';
import type { Handle } from '../platform/platform.ts';
import { decrypt } from './age/reader.ts';
import { encrypt, type Source } from './age/writer.ts';
import { encodeMetadata, type Metadata, metadataSchema } from './metadata.ts';

/**
 * A vault object is an age v1 file that any `age` program opens with the device's vault key or the organisation's
 * recovery key. Its plaintext: the length of the metadata as 4 bytes, big-endian; the metadata, canonical JSON; the
 * file's bytes.
 */
const lengthBytes = 4;
const longestMetadata = 64 * 1024 * 1024;

export interface Sealing {
  readonly source: Handle;
  readonly metadata: Metadata;
  readonly keys: VaultKeys;
  readonly progress: () => void;
}

/**
 * Encrypts into a new file, 0600, and fsyncs it. The hash is of the bytes that went in, of a file that has grown since its
 * metadata was taken no more than one byte too many: enough to be another hash.
 */
export async function sealObject(file: string, sealing: Sealing): Promise<Sha256> {
  const recipients = [sealing.keys.recipient, sealing.keys.recoveryRecipient].map(parseRecipient);
  const hash = createHash('sha256');
  const target = fs.openSync(file, 'wx', 0o600) as Handle;
  try {
    let position = 0;
    for await (const sealed of encrypt(plaintext(sealing, hash), recipients)) {
      writeWhole(target, sealed, position);
      position += sealed.length;
    }
    fs.fsyncSync(target);
  } finally {
    fs.closeSync(target);
  }
  return sha256Schema.parse(hash.digest('hex'));
}

function plaintext({ source, metadata, progress }: Sealing, hash: Hash): Source {
  const head = encodeHead(metadata);
  let headPosition = 0;
  let position = 0;
  return (into) => {
    if (headPosition < head.length) {
      const part = head.subarray(headPosition, headPosition + into.length);
      into.set(part);
      headPosition += part.length;
      return part.length;
    }
    const wanted = Math.min(into.length, metadata.size + 1 - position);
    const length = wanted <= 0 ? 0 : fs.readSync(source, into, 0, wanted, position);
    hash.update(into.subarray(0, length));
    position += length;
    progress();
    return length;
  };
}

function encodeHead(metadata: Metadata): Uint8Array {
  const text = encodeMetadata(metadata);
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

export interface OpenObject {
  readonly metadata: Metadata;
  /** To be read to its end, once: only then is the whole object known to be authentic. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** @throws DamagedObject when the object is damaged, cut short or not locked to this key. */
export async function openObject(file: string, identity: string, progress: () => void): Promise<OpenObject> {
  const keys = parseIdentity(identity);
  const source = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW) as Handle;
  try {
    const decrypted = decrypt(source, keys, progress);
    const { metadata, rest } = await readMetadata(decrypted);
    return { metadata, content: contentOf(source, decrypted, rest) };
  } catch (failure) {
    fs.closeSync(source);
    throw failure;
  }
}

/** The metadata of an object whose every byte was authenticated and whose content has the recorded hash and size. */
export async function verifyObject(file: string, identity: string, progress: () => void): Promise<Metadata> {
  const { metadata, content } = await openObject(file, identity, progress);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    size += chunk.length;
  }
  if (hash.digest('hex') !== metadata.sha256 || size !== metadata.size) {
    throw new DamagedObject('The vault object does not hold the file that its metadata names.');
  }
  return metadata;
}

interface Head {
  readonly metadata: Metadata;
  /** What the last chunk that was read holds behind the metadata. */
  readonly rest: Uint8Array;
}

async function readMetadata(decrypted: AsyncGenerator<Uint8Array>): Promise<Head> {
  let held = await readAtLeast(decrypted, Buffer.alloc(0), lengthBytes);
  const length = held.readUInt32BE(0);
  if (length > longestMetadata) {
    throw new DamagedObject('The vault object announces more metadata than there can be.');
  }
  held = await readAtLeast(decrypted, held, lengthBytes + length);
  const text = held.toString('utf8', lengthBytes, lengthBytes + length);
  return { metadata: parseMetadata(text), rest: held.subarray(lengthBytes + length) };
}

function parseMetadata(text: string): Metadata {
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DamagedObject('The vault object holds metadata that this agent cannot read.', { cause });
  }
}

async function readAtLeast(decrypted: AsyncGenerator<Uint8Array>, held: Buffer, wanted: number): Promise<Buffer> {
  const parts: Uint8Array[] = [held];
  let length = held.length;
  while (length < wanted) {
    const next = await decrypted.next();
    if (next.done === true) {
      throw new DamagedObject('The vault object ends inside its metadata.');
    }
    parts.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(parts);
}

async function* contentOf(
  source: Handle,
  decrypted: AsyncGenerator<Uint8Array>,
  rest: Uint8Array,
): AsyncGenerator<Uint8Array> {
  try {
    if (rest.length > 0) {
      yield rest;
    }
    yield* decrypted;
  } finally {
    fs.closeSync(source);
  }
}
