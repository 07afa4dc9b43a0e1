import { afterEach, beforeEach, expect, test } from 'bun:test';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bech32 } from '@scure/base';
import { Decrypter } from 'age-encryption';
import type { KeyRing } from '#age/key-ring.ts';
import { sealedChunkBytes } from '#age/stream.ts';
import { headBytes } from '#blobs/filesystem/head.ts';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import { evidenceKeyOf, evidenceKeys } from '#kit/evidence-keys.ts';
import { anyLimit, hashOf, readAll, streamOf, uploadIdOf } from '../conformance/blobs.ts';
import { patternedBytes } from './patterned-bytes.ts';

const random = { uuid: randomUUID };
/** Three chunks and a piece. */
const plaintext = patternedBytes(5, 200_000);

const never = new AbortController().signal;

let directory: string;
let blobs: BlobStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-sealed-'));
  blobs = await open();
});

afterEach(async () => {
  await blobs.close();
  await rm(directory, { recursive: true });
});

function open(keys: KeyRing = evidenceKeys): Promise<BlobStore> {
  return openFilesystemBlobs({ directory, keys, random });
}

async function store(bytes: Uint8Array): Promise<Sha256> {
  const upload = uploadIdOf(hashOf(bytes));
  await blobs.append(upload, { offset: 0, body: streamOf(bytes), limit: anyLimit });
  await blobs.commit(upload, hashOf(bytes));
  return hashOf(bytes);
}

function fileOf(hash: Sha256): string {
  return join(directory, 'objects', hash.slice(0, 2), `${hash.slice(2)}.age`);
}

/** As a version before encryption has stored it. */
async function storeInPlain(bytes: Uint8Array, hash = hashOf(bytes)): Promise<string> {
  const file = join(directory, 'objects', hash.slice(0, 2), hash.slice(2));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes, { mode: 0o600 });
  return file;
}

/** What a reader gets, and how it ends. */
async function readUntilEnd(hash: Sha256): Promise<{ readonly bytes: Uint8Array; readonly failure: unknown }> {
  const chunks: Uint8Array[] = [];
  let failure: unknown;
  try {
    for await (const chunk of await blobs.read(hash)) {
      chunks.push(chunk);
    }
  } catch (thrown) {
    failure = thrown;
  }
  return { bytes: new Uint8Array(Buffer.concat(chunks)), failure };
}

async function expectDamaged(hash: Sha256): Promise<void> {
  const { bytes, failure } = await readUntilEnd(hash);
  expect(failure).toMatchObject({ code: 'evidence_damaged', details: { sha256: hash } });
  expect(bytes.length).toBeLessThan(plaintext.length);
  expect(Buffer.compare(bytes, plaintext.subarray(0, bytes.length))).toBe(0);
}

function identityOf({ current }: KeyRing): string {
  return bech32.encodeFromBytes('AGE-SECRET-KEY-', current.secret).toUpperCase();
}

async function everyFile(): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function findInFiles(needle: Uint8Array): Promise<readonly string[]> {
  const files = await everyFile();
  const found = await Promise.all(files.map(async (file) => (await readFile(file)).includes(needle)));
  return files.filter((_, index) => found[index]);
}

test('No file holds bytes of evidence in plain, neither while an upload goes on nor when it is stored.', async () => {
  const secret = new TextEncoder().encode(`secret ${randomUUID()}`);
  const bytes = new Uint8Array(Buffer.concat([secret, plaintext, secret]));
  const upload = uploadIdOf('x');
  for (const [from, to] of [
    [0, 20],
    [20, 150_000],
    [150_000, bytes.length],
  ] as const) {
    await blobs.append(upload, { offset: from, body: streamOf(bytes.subarray(from, to)), limit: anyLimit });
    expect(await findInFiles(secret.subarray(0, 20))).toEqual([]);
    expect(await findInFiles(plaintext.subarray(1_000, 1_032))).toEqual([]);
  }
  await blobs.commit(upload, hashOf(bytes));
  expect(await findInFiles(secret)).toEqual([]);
  expect(await findInFiles(plaintext.subarray(1_000, 1_032))).toEqual([]);
  expect(await readAll(await blobs.read(hashOf(bytes)))).toEqual(bytes);
});

test('Every length around a chunk comes back as it was, and its size is told without opening it.', async () => {
  const chunk = 65_536;
  for (const length of [0, 1, chunk - 1, chunk, chunk + 1, 8 * chunk, 8 * chunk + 1, 16 * chunk, 17 * chunk + 5]) {
    const bytes = patternedBytes(length, length);
    const hash = await store(bytes);
    expect(await blobs.size(hash)).toBe(length);
    expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
  }
});

test('An object is an age file: another implementation opens it with the key.', async () => {
  const hash = await store(plaintext);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityOf(evidenceKeys));
  const opened = await decrypter.decrypt(new Uint8Array(await readFile(fileOf(hash))));
  expect(hashOf(opened)).toBe(hash);
});

const hasAge = Bun.which('age') !== null;

test.skipIf(!hasAge)(`Stock age opens it too${hasAge ? '' : ' (skipped: not installed)'}.`, async () => {
  const hash = await store(plaintext);
  const key = join(directory, 'key.txt');
  await writeFile(key, `# a comment\n${identityOf(evidenceKeys)}\n`);
  const opened = execFileSync('age', ['--decrypt', '--identity', key, fileOf(hash)], { maxBuffer: 2 ** 24 });
  expect(hashOf(opened)).toBe(hash);
});

test('A flipped bit anywhere is found, and nothing but sound bytes before it was given out.', async () => {
  const hash = await store(plaintext);
  const sealed = await readFile(fileOf(hash));
  const places = [0, 30, 100, 200, headBytes - 20, headBytes - 1, headBytes, headBytes + 70_000, sealed.length - 1];
  for (const place of [
    ...places,
    ...Array.from({ length: 40 }, () => randomBytes(3).readUIntBE(0, 3) % sealed.length),
  ]) {
    const flipped = Buffer.from(sealed);
    flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8));
    await writeFile(fileOf(hash), flipped);
    await expectDamaged(hash);
  }
});

test('Cut short, added to, chunks in another order or twice, another object in its place: all are found.', async () => {
  const hash = await store(plaintext);
  const other = await store(patternedBytes(77, plaintext.length));
  const sealed = await readFile(fileOf(hash));
  const chunk = (index: number) =>
    sealed.subarray(headBytes + index * sealedChunkBytes, headBytes + (index + 1) * sealedChunkBytes);
  const head = sealed.subarray(0, headBytes);
  const strangers = await readFile(fileOf(other));
  const damages: Readonly<Record<string, Uint8Array>> = {
    nothing: new Uint8Array(),
    'half a head': sealed.subarray(0, 100),
    'a head alone': head,
    'no last chunk': sealed.subarray(0, headBytes + 3 * sealedChunkBytes),
    'a byte less': sealed.subarray(0, -1),
    'a byte more': Buffer.concat([sealed, new Uint8Array(1)]),
    'a chunk more': Buffer.concat([sealed, chunk(0)]),
    'two chunks in the place of each other': Buffer.concat([head, chunk(1), chunk(0), chunk(2), chunk(3)]),
    'a chunk twice': Buffer.concat([head, chunk(0), chunk(0), chunk(2), chunk(3)]),
    'a chunk left out': Buffer.concat([head, chunk(0), chunk(2), chunk(3)]),
    'another object': strangers,
    'its head before the content of another': Buffer.concat([head, strangers.subarray(headBytes)]),
    'the head of another': Buffer.concat([strangers.subarray(0, headBytes), sealed.subarray(headBytes)]),
  };
  for (const damaged of Object.values(damages)) {
    await writeFile(fileOf(hash), damaged);
    await expectDamaged(hash);
  }
  // What was damaged is put right by the next upload of the same bytes.
  await store(plaintext);
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
});

test('Two objects that changed places are found before the first byte.', async () => {
  const one = await store(patternedBytes(5, 1_500_000));
  const two = await store(patternedBytes(77, 1_500_000));
  await rename(fileOf(one), join(directory, 'kept'));
  await rename(fileOf(two), fileOf(one));
  await rename(join(directory, 'kept'), fileOf(two));
  for (const hash of [one, two]) {
    const { bytes, failure } = await readUntilEnd(hash);
    expect(failure).toMatchObject({ code: 'evidence_damaged' });
    expect(bytes.length).toBe(0);
  }
});

test('What an older version has stored in plain is read, held against its hash first, and sealed by a sweep.', async () => {
  const file = await storeInPlain(plaintext);
  const hash = hashOf(plaintext);
  expect(await blobs.size(hash)).toBe(plaintext.length);
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
  const stranger = hashOf(patternedBytes(1, 10));
  await storeInPlain(plaintext, stranger);
  expect(await readUntilEnd(stranger)).toMatchObject({
    bytes: new Uint8Array(),
    failure: { code: 'evidence_damaged' },
  });
  expect(await blobs.sealOlder(never)).toEqual({ sealed: 1, damaged: [stranger] });
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await findInFiles(plaintext.subarray(1_000, 1_032))).toEqual([
    join(directory, 'objects', stranger.slice(0, 2), stranger.slice(2)),
  ]);
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
  expect(await Array.fromAsync(blobs.list())).toEqual([hash, stranger].toSorted());
  expect(await blobs.sealOlder(never)).toEqual({ sealed: 0, damaged: [stranger] });
});

test('A sweep that was cut off, before or after the sealed file had its place, is ended by the next.', async () => {
  const hash = await store(plaintext);
  const file = await storeInPlain(plaintext);
  expect(await Array.fromAsync(blobs.list())).toEqual([hash]);
  blobs = await open();
  expect(await blobs.sealOlder(never)).toEqual({ sealed: 1, damaged: [] });
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
});

test('A removed object is gone, and a copy of its file that the disk still has opens for nobody.', async () => {
  const hash = await store(plaintext);
  await link(fileOf(hash), join(directory, 'remains'));
  await blobs.alone(hash, () => blobs.remove(hash));
  await blobs.remove(hash);
  expect(await blobs.size(hash)).toBeUndefined();
  expect(await Array.fromAsync(blobs.list())).toEqual([]);
  const remains = await readFile(join(directory, 'remains'));
  expect(remains.subarray(0, headBytes).every((byte) => byte === 0)).toBe(true);
  await store(plaintext);
  await writeFile(fileOf(hash), remains);
  await expectDamaged(hash);
});

const newer: KeyRing = { current: evidenceKeyOf('newer'), retiring: [] };
const changing: KeyRing = { current: newer.current, retiring: [evidenceKeys.current] };

test('Another key takes over by new heads alone, unfinished uploads go on, and the old key opens nothing more.', async () => {
  const hash = await store(plaintext);
  const upload = uploadIdOf('unfinished');
  const whole = patternedBytes(9, 150_000);
  await blobs.append(upload, { offset: 0, body: streamOf(whole.subarray(0, 70_000)), limit: anyLimit });
  const before = await readFile(fileOf(hash));
  blobs = await open(changing);
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
  expect(await blobs.rewrap()).toEqual({ rewrapped: 2, damaged: [] });
  expect(await blobs.rewrap()).toEqual({ rewrapped: 0, damaged: [] });
  const after = await readFile(fileOf(hash));
  expect(after.subarray(headBytes)).toEqual(before.subarray(headBytes));
  await expect(open()).rejects.toMatchObject({ code: 'evidence_unavailable' });
  blobs = await open(newer);
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
  expect(await blobs.staged(upload)).toBe(70_000);
  await blobs.append(upload, { offset: 70_000, body: streamOf(whole.subarray(70_000)), limit: anyLimit });
  await blobs.commit(upload, hashOf(whole));
  expect(hashOf(await readAll(await blobs.read(hashOf(whole))))).toBe(hashOf(whole));
  await writeFile(fileOf(hash), before);
  await expectDamaged(hash);
});

test('A head that was written in half when the power went is completed by the next start.', async () => {
  const hash = await store(plaintext);
  const before = await readFile(fileOf(hash));
  blobs = await open(changing);
  await blobs.rewrap();
  const head = (await readFile(fileOf(hash))).subarray(0, headBytes);
  const file = join('objects', hash.slice(0, 2), `${hash.slice(2)}.age`);
  // The journal is durable before the first head is touched.
  await writeFile(join(directory, 'rewrap.json'), JSON.stringify([{ file, head: head.toString('base64') }]));
  await writeFile(fileOf(hash), Buffer.concat([head.subarray(0, 100), before.subarray(100)]));
  const beside = openFilesystemBlobs({ directory, keys: changing, random, isBeside: true });
  await expect(beside).rejects.toMatchObject({ code: 'conflict' });
  blobs = await open(changing);
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
  expect(await readdir(directory)).not.toContain('rewrap.json');
});

test('A damaged head keeps the older key among those that are known, and the others take the new one.', async () => {
  const [hash, damaged] = [await store(plaintext), await store(patternedBytes(77, 100))];
  const sealed = await readFile(fileOf(damaged));
  sealed[60] = (sealed[60] ?? 0) ^ 1;
  await writeFile(fileOf(damaged), sealed);
  blobs = await open(changing);
  expect(await blobs.rewrap()).toEqual({ rewrapped: 1, damaged: [damaged] });
  await expect(open(newer)).rejects.toMatchObject({ code: 'evidence_unavailable' });
  expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
});

test('A process that is killed while it locks everything to another key leaves every object whole, and the next goes on.', async () => {
  const pair = [evidenceKeyOf('one'), evidenceKeyOf('two')] as const;
  directory = await mkdtemp(join(directory, 'killed-'));
  blobs = await open({ current: pair[0], retiring: [] });
  const hashes: Sha256[] = [];
  for (let number = 0; number < 40; number += 1) {
    hashes.push(await store(patternedBytes(number * 7, 1_000)));
  }
  const upload = uploadIdOf('unfinished');
  await blobs.append(upload, { offset: 0, body: streamOf(plaintext), limit: anyLimit });
  for (let round = 0; round < 6; round += 1) {
    await rewrapUntilKilled(directory);
    blobs = await open({ current: pair[round % 2 === 0 ? 0 : 1], retiring: [pair[round % 2 === 0 ? 1 : 0]] });
    for (const hash of hashes) {
      expect(hashOf(await readAll(await blobs.read(hash)))).toBe(hash);
    }
    expect(await blobs.staged(upload)).toBe(plaintext.length);
    expect((await blobs.rewrap()).damaged).toEqual([]);
  }
  await blobs.commit(upload, hashOf(plaintext));
  directory = dirname(directory);
}, 60_000);

/** At a random moment after the first round. */
async function rewrapUntilKilled(place: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'rewrap-until-killed.ts'), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), 200 * Math.random());
  await ended;
}
