import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { Decrypter, Encrypter } from 'age-encryption';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import { chunks, writeWhole } from '../operations/content.ts';
import type { VaultKeys } from '../operations/room.ts';
import type { Handle } from '../platform/platform.ts';
import { encodeMetadata, type Metadata, metadataSchema } from './metadata.ts';

/**
 * A vault object is an age v1 file that any `age` program opens with the device's vault key or the organisation's
 * recovery key. Its plaintext: the length of the metadata as 4 bytes, big-endian; the metadata, canonical JSON; the
 * file's bytes.
 */
const lengthBytes = 4;
const longestMetadata = 64 * 1024 * 1024;
/** Bounds on what is parsed before anything is authenticated (promise P27). */
const longestHeader = 16 * 1024;
const mostStanzas = 8;

export interface Sealing {
  readonly source: Handle;
  readonly metadata: Metadata;
  readonly keys: VaultKeys;
  readonly progress: () => void;
}

/** Encrypts into a new file and fsyncs it. The hash is of the bytes that went in. */
export async function sealObject(file: string, sealing: Sealing): Promise<Sha256> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(sealing.keys.recipient);
  encrypter.addRecipient(sealing.keys.recoveryRecipient);
  const hash = createHash('sha256');
  const target = fs.openSync(file, 'wx', 0o600) as Handle;
  try {
    const encrypted = await encrypter.encrypt(streamOf(plaintext(sealing, hash)));
    let position = 0;
    for await (const chunk of encrypted) {
      writeWhole(target, chunk, position);
      position += chunk.length;
    }
    fs.fsyncSync(target);
  } finally {
    fs.closeSync(target);
  }
  return sha256Schema.parse(hash.digest('hex'));
}

function* plaintext(sealing: Sealing, hash: ReturnType<typeof createHash>): Generator<Uint8Array> {
  const metadata = encodeMetadata(sealing.metadata);
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(metadata.length);
  yield Buffer.concat([length, metadata]);
  for (const chunk of chunks(sealing.source, sealing.progress)) {
    hash.update(chunk);
    yield chunk;
  }
}

export interface OpenObject {
  readonly metadata: Metadata;
  /** To be read to its end, once: only then is the whole object known to be authentic. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** @throws Error when the object is damaged, cut short or not locked to this key. */
export async function openObject(file: string, identity: string, progress: () => void): Promise<OpenObject> {
  const source = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW) as Handle;
  try {
    checkHeader(source);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const decrypted = await decrypter.decrypt(streamOf(chunks(source, progress)));
    const reader: Reader = decrypted.getReader();
    const { metadata, rest } = await readMetadata(reader);
    return { metadata, content: contentOf(source, reader, rest) };
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
    throw new Error('The vault object does not hold the file that its metadata names.');
  }
  return metadata;
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

async function readMetadata(reader: Reader): Promise<{ readonly metadata: Metadata; readonly rest: Uint8Array }> {
  let held = await readAtLeast(reader, Buffer.alloc(0), lengthBytes);
  const length = held.readUInt32BE(0);
  if (length > longestMetadata) {
    throw new Error('The vault object announces more metadata than there can be.');
  }
  held = await readAtLeast(reader, held, lengthBytes + length);
  const text = held.toString('utf8', lengthBytes, lengthBytes + length);
  return { metadata: metadataSchema.parse(JSON.parse(text)), rest: held.subarray(lengthBytes + length) };
}

async function readAtLeast(reader: Reader, held: Buffer, wanted: number): Promise<Buffer> {
  const parts: Uint8Array[] = [held];
  let length = held.length;
  while (length < wanted) {
    const { done, value } = await reader.read();
    if (done || value === undefined) {
      throw new Error('The vault object ends inside its metadata.');
    }
    parts.push(value);
    length += value.length;
  }
  return Buffer.concat(parts);
}

async function* contentOf(source: Handle, reader: Reader, rest: Uint8Array): AsyncGenerator<Uint8Array> {
  try {
    if (rest.length > 0) {
      yield rest;
    }
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) {
        return;
      }
      yield value;
    }
  } finally {
    fs.closeSync(source);
  }
}

function checkHeader(source: Handle): void {
  const head = Buffer.alloc(longestHeader);
  const length = fs.readSync(source, head, 0, head.length, 0);
  const text = head.toString('latin1', 0, length);
  const end = text.indexOf('\n--- ');
  if (end === -1 || text.slice(0, end).split('\n-> ').length - 1 > mostStanzas) {
    throw new Error('The file has no age header within the limits.');
  }
}

/** Reads on only as fast as it is read from. */
function streamOf(source: Generator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const { done, value } = source.next();
      if (done === true) {
        controller.close();
        return;
      }
      controller.enqueue(value);
    },
    cancel: () => void source.return(undefined),
  });
}
