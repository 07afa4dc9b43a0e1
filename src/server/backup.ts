import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import { createGzip } from 'node:zlib';
import { pack as createPack, type Pack } from 'tar-stream';
import { serverActor } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import type { Store } from '#core/ports/store/store.ts';
import { lossOf } from '#core/verbs/lost-evidence.ts';
import { recordDamage } from '#core/verbs/record-damage.ts';
import {
  backupFiles,
  evidencePrefix,
  type Manifest,
  manifestName,
  privateOrderKey,
  storePrefix,
} from './backup-format.ts';
import type { Machine } from './compose.ts';
import type { DataDirectory } from './data-directory.ts';

export interface BackupParts {
  readonly machine: Machine;
  readonly directory: DataDirectory;
  readonly store: Store;
  readonly blobs: BlobStore | undefined;
  /** False: the private order key is another process's, and never part of a backup. */
  readonly signsOrders: boolean;
}

export interface BackupOptions {
  readonly file: string;
  /** False: only the list of evidence goes in, for installations that keep it elsewhere. */
  readonly withEvidence: boolean;
}

/** Rows are written in parts of about this many bytes, so that no part must fit in memory whole. */
const partBytes = 4 * 1024 * 1024;

/**
 * Writes everything that a server is into one file, mode 0600, while the server runs: its keys, its certificates, its
 * settings, one snapshot of its records, and its evidence or a list of it.
 */
export async function makeBackup(parts: BackupParts, options: BackupOptions): Promise<Manifest> {
  const { machine, store } = parts;
  const temporary = `${options.file}.new`;
  const output = await open(temporary, 'w', 0o600);
  try {
    const pack = createPack();
    const written = pipeline(pack, createGzip(), output.createWriteStream({ flush: true }));
    const manifest = await Promise.race([fill(pack, parts, options), written.then(endedEarly)]);
    await written;
    await rename(temporary, options.file);
    const facts = { evidence: manifest.evidence.length, withEvidence: options.withEvidence };
    await store.transact(({ events }) =>
      events.append([{ type: 'backup_made', at: machine.clock.now(), actor: serverActor, facts }]),
    );
    return manifest;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function endedEarly(): never {
  throw new Fault('internal', 'The backup file was closed before it was whole.');
}

async function fill(pack: Pack, parts: BackupParts, options: BackupOptions): Promise<Manifest> {
  const { machine, store, blobs } = parts;
  for (const [name, bytes] of await readSettled(parts)) {
    await add(pack, name, bytes);
  }
  await addRecords(pack, store);
  const { evidence, leftOut } = await addEvidence(pack, { machine, store, blobs }, options);
  const { withEvidence } = options;
  const manifest: Manifest = { version: 1, madeAt: machine.clock.now(), withEvidence, evidence, leftOut };
  await add(pack, manifestName, new TextEncoder().encode(JSON.stringify(manifest)));
  pack.finalize();
  return manifest;
}

/** All of them as they are at one moment: a change of the order key is several files, and a mixture would orphan the fleet. */
async function readSettled(parts: BackupParts): Promise<ReadonlyMap<string, Uint8Array>> {
  let files = await readFiles(parts);
  for (;;) {
    const again = await readFiles(parts);
    if (isDeepStrictEqual(files, again)) {
      return files;
    }
    files = again;
  }
}

async function readFiles({ machine, directory, signsOrders }: BackupParts): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of backupFiles.filter((each) => signsOrders || !privateOrderKey.includes(each))) {
    const bytes = await machine.fs.read(join(directory.root, name));
    if (bytes !== undefined) {
      files.set(name, bytes);
    }
  }
  return files;
}

async function addRecords(pack: Pack, store: Store): Promise<void> {
  let lines: string[] = [];
  let size = 0;
  let part = 0;
  const flush = async () => {
    part += 1;
    await add(pack, `${storePrefix}${String(part).padStart(8, '0')}.jsonl`, new TextEncoder().encode(lines.join('')));
    lines = [];
    size = 0;
  };
  for await (const row of store.dump()) {
    const line = `${JSON.stringify(row)}\n`;
    lines.push(line);
    size += line.length;
    if (size >= partBytes) {
      await flush();
    }
  }
  await flush();
}

/** Without what was deleted, whose bytes may be on their way out, and what is known to be damaged. */
async function addEvidence(
  pack: Pack,
  parts: Pick<BackupParts, 'machine' | 'store' | 'blobs'>,
  options: BackupOptions,
): Promise<Pick<Manifest, 'evidence' | 'leftOut'>> {
  const evidence: { sha256: string; size: number }[] = [];
  const leftOut: string[] = [];
  for await (const sha256 of parts.blobs?.list() ?? []) {
    const [record] = await parts.store.read((reader) => reader.evidence.byHashes([sha256]));
    if (record !== undefined && lossOf(record) !== undefined) {
      leftOut.push(sha256);
      continue;
    }
    const size = (await parts.blobs?.size(sha256)) ?? 0;
    evidence.push({ sha256, size });
    if (options.withEvidence && parts.blobs !== undefined) {
      const entry = pack.entry({ name: `${evidencePrefix}${sha256}`, size, mode: 0o600 });
      await pipeline(await parts.blobs.read(sha256), entry).catch((thrown: unknown) =>
        noteDamage(parts, sha256, thrown),
      );
    }
  }
  return { evidence, leftOut };
}

/** A backup that was begun cannot take back what it has said of a file; the next one leaves it out. */
async function noteDamage(
  { machine, store }: Pick<BackupParts, 'machine' | 'store'>,
  sha256: Sha256,
  thrown: unknown,
): Promise<never> {
  if (thrown instanceof Fault && thrown.code === 'evidence_damaged') {
    await recordDamage({ ...machine, store }, { sha256 });
    const advice = 'That is recorded now. Make the backup again: it will leave the file out, and say so.';
    throw new Fault('evidence_damaged', `The evidence ${sha256} is damaged. ${advice}`, { cause: thrown });
  }
  throw thrown;
}

function add(pack: Pack, name: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    pack.entry({ name, mode: 0o600 }, Buffer.from(bytes), done);
  });
}

/** @throws Fault `invalid_request` when the file cannot be read. */
export async function openBackup(file: string): Promise<NodeJS.ReadableStream> {
  try {
    await stat(file);
    return createReadStream(file);
  } catch (cause) {
    throw new Fault('invalid_request', `The backup ${file} cannot be read.`, { cause });
  }
}
