import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { Fault } from '#core/fault.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import type { BlobStore, UploadId } from '#core/ports/blobs.ts';
import type { DumpedRow, Store } from '#core/ports/store/store.ts';
import { type RestoredAccess, settleRestored } from '#core/verbs/settle-restored.ts';
import { openBackup } from './backup.ts';
import {
  backupFiles,
  evidencePrefix,
  type Manifest,
  manifestName,
  manifestSchema,
  storePrefix,
} from './backup-format.ts';
import { type Machine, openBlobs } from './compose.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';

export interface BringBackParts {
  readonly machine: Machine;
  readonly directory: DataDirectory;
  readonly config: Config;
  readonly store: Store;
}

const largestEvidence = Number.MAX_SAFE_INTEGER;

export interface BroughtBack {
  readonly file: string;
  /** Delete every API key that was in it. */
  readonly revokesKeys: boolean;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly access: RestoredAccess;
}

/**
 * Brings a server back into an empty data directory and an empty store. The file is read several times: first whole,
 * to know that it is sound, and only then into place.
 * @throws Fault `invalid_request` for a file that is no whole backup, `conflict` when the store is not empty.
 */
export async function bringBack(parts: BringBackParts, { file, revokesKeys }: BroughtBack): Promise<Restored> {
  const manifest = await checkBackup(file);
  await parts.store.load(storedRows(file));
  await eachEntry(file, async (name, body) => {
    if (backupFiles.some((known) => known === name)) {
      const path = join(parts.directory.root, name);
      await parts.machine.fs.makeDirectory(dirname(path));
      await parts.machine.fs.replace(path, await wholeOf(body));
    }
  });
  // Only now: the key that evidence is encrypted under is one of the files.
  const blobs = await openBlobs(parts.machine, parts.directory, parts);
  try {
    await eachEntry(file, async (name, body) => {
      if (name.startsWith(evidencePrefix) && blobs !== undefined) {
        await bringEvidence(blobs, sha256Schema.parse(name.slice(evidencePrefix.length)), body);
      }
    });
  } finally {
    await blobs?.close();
  }
  const facts = { madeAt: manifest.madeAt, evidence: manifest.evidence.length };
  const access = await settleRestored({ store: parts.store, clock: parts.machine.clock }, { facts, revokesKeys });
  return { manifest, access };
}

async function checkBackup(file: string): Promise<Manifest> {
  let manifest: Manifest | undefined;
  await eachEntry(file, async (name, body) => {
    if (name === manifestName) {
      manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(await wholeOf(body))));
      return;
    }
    if (name.startsWith(evidencePrefix) && (await hashOf(body)) !== name.slice(evidencePrefix.length)) {
      throw new Fault('invalid_request', `The backup is damaged: ${name} has another hash.`);
    }
  });
  if (manifest === undefined) {
    throw new Fault('invalid_request', `${file} is no whole backup: it has no manifest.`);
  }
  return manifest;
}

async function* storedRows(file: string): AsyncGenerator<DumpedRow> {
  for await (const entry of await entries(file)) {
    if (entry.header.name.startsWith(storePrefix)) {
      const text = new TextDecoder().decode(await wholeOf(Readable.from(entry)));
      for (const line of text.split('\n').filter((part) => part !== '')) {
        yield JSON.parse(line) as DumpedRow;
      }
    } else {
      entry.resume();
    }
  }
}

async function bringEvidence(blobs: BlobStore, hash: Sha256, body: Readable): Promise<void> {
  const upload = createHash('sha256').update(`custody-backup\0${hash}`).digest('hex') as UploadId;
  await blobs.discard(upload);
  const stream = Readable.toWeb(body) as ReadableStream<Uint8Array>;
  await blobs.append(upload, { offset: 0, body: stream, limit: largestEvidence });
  await blobs.commit(upload, hash);
}

async function eachEntry(file: string, take: (name: string, body: Readable) => Promise<void>): Promise<void> {
  try {
    for await (const entry of await entries(file)) {
      await take(entry.header.name, Readable.from(entry));
      entry.resume();
    }
  } catch (cause) {
    if (cause instanceof Fault) {
      throw cause;
    }
    throw new Fault('invalid_request', `${file} is no whole backup.`, { cause });
  }
}

async function entries(file: string): Promise<ReturnType<typeof extract>> {
  const reader = extract();
  const source = await openBackup(file);
  const unzipped = createGunzip();
  source.once('error', (error) => reader.destroy(error));
  unzipped.once('error', (error) => reader.destroy(error));
  source.pipe(unzipped).pipe(reader);
  return reader;
}

async function wholeOf(body: Readable): Promise<Uint8Array> {
  return new Uint8Array(Buffer.concat(await body.toArray()));
}

async function hashOf(body: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}
