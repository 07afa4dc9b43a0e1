import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import { createGzip } from 'node:zlib';
import { pack as createPack, type Pack } from 'tar-stream';
import { serverActor } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import type { Store } from '#core/ports/store/store.ts';
import { addEvidence, type EvidenceParts } from './backup-evidence.ts';
import { backupFiles, type Manifest, manifestName, privateOrderKey, storePrefix } from './backup-format.ts';

export interface BackupParts extends EvidenceParts {
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
    const manifest = await whole(pack, fill(pack, parts, options), written);
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

/**
 * Whichever fails takes the other with it. What is thrown is why: that the disk is full, or what whoever fills it says, such as that
 * evidence is damaged, which takes longer than that the file was closed over it.
 */
async function whole(pack: Pack, filling: Promise<Manifest>, written: Promise<void>): Promise<Manifest> {
  const [filled, ended] = await Promise.allSettled([filling.catch(closing(pack)), written]);
  if (filled.status === 'fulfilled' && ended.status === 'fulfilled') {
    return filled.value;
  }
  const reasons = [filled, ended].flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  throw reasons.find((reason) => reason instanceof Fault) ?? reasons.at(-1);
}

function closing(pack: Pack): (thrown: unknown) => never {
  return (thrown) => {
    pack.destroy(thrown instanceof Error ? thrown : undefined);
    throw thrown;
  };
}

async function fill(pack: Pack, parts: BackupParts, options: BackupOptions): Promise<Manifest> {
  const { machine, store } = parts;
  for (const [name, bytes] of await readSettled(parts)) {
    await add(pack, name, bytes);
  }
  await addRecords(pack, store);
  const { withEvidence } = options;
  const { evidence, leftOut } = await addEvidence(withEvidence ? pack : undefined, parts);
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

function add(pack: Pack, name: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    // It also ends with this error when the file cannot be written, and nobody else listens.
    pack.entry({ name, mode: 0o600 }, Buffer.from(bytes), done).on('error', done);
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
