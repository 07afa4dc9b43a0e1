import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import type { BlobStore, UploadId } from '#core/ports/blobs.ts';
import { damageEvidence } from '#kit/damage.ts';
import { makeBackup } from '#server/backup.ts';
import { backUp, restoreBackup } from '#server/backup-commands.ts';
import { openBlobs, openStore } from '#server/compose.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { addEvidenceKey } from '#server/evidence-key.ts';
import { fileSystem } from '#server/file-system.ts';
import { prepare } from '#server/open-data-directory.ts';
import { rotateEvidenceKey } from '#server/rotate-evidence-key.ts';
import { startServer } from '#server/start-server.ts';

let root = '';
const bytes = randomBytes(100_000);
const hash = sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'custody-evidence-key-'));
});

afterEach(() => rm(root, { recursive: true }));

const sources = (name = 'data') => ({
  flags: { data: join(root, name), listen: '127.0.0.1:0', log: 'error' },
  environment: {},
});

const directory = (name = 'data') => dataDirectory(join(root, name));

async function keys(name = 'data'): Promise<readonly string[]> {
  const text = await readFile(directory(name).evidenceKey, 'utf8');
  return text.split('\n').filter((line) => line.startsWith('AGE-SECRET-KEY-1'));
}

async function storeEvidence(): Promise<void> {
  const server = await startServer(sources());
  await storeBytes(server.composed.ports.blobs, bytes, 'a'.repeat(64));
  await server.close();
}

async function storeBytes(blobs: BlobStore | undefined, file: Buffer<ArrayBuffer>, upload: string): Promise<Sha256> {
  const sha256 = sha256Schema.parse(createHash('sha256').update(file).digest('hex'));
  const id = upload as UploadId;
  await blobs?.append(id, { offset: 0, body: new Blob([file]).stream(), limit: file.length });
  await blobs?.commit(id, sha256);
  return sha256;
}

async function readEvidence(name = 'data'): Promise<Buffer> {
  const server = await startServer(sources(name));
  try {
    return Buffer.from(await new Response(await server.composed.ports.blobs?.read(hash)).arrayBuffer());
  } finally {
    await server.close();
  }
}

async function rotations(): Promise<readonly unknown[]> {
  const server = await startServer(sources());
  const events = await server.composed.ports.store.read((reader) =>
    reader.events.list({ types: ['evidence_key_rotated'] }, 0, 10),
  );
  await server.close();
  return events.map(({ facts }) => facts);
}

test('The key is made at the first start, for its owner only, and a rotation leaves another one alone.', async () => {
  await storeEvidence();
  expect((await stat(directory().evidenceKey)).mode & 0o777).toBe(0o600);
  const [before, ...more] = await keys();
  expect(more).toEqual([]);
  expect(await rotateEvidenceKey(sources())).toEqual({ rewrapped: 1, damaged: [] });
  expect(await keys()).toEqual([expect.not.stringContaining(before ?? '')]);
  expect((await readEvidence()).equals(bytes)).toBe(true);
  expect(await rotations()).toEqual([{ rewrapped: 1, damaged: [] }]);
});

test('A rotation that was cut off after the new key was made is completed by the next, and serves in between.', async () => {
  await storeEvidence();
  await addEvidenceKey({ fs: fileSystem, directory: directory() });
  const [current, older] = await keys();
  expect((await readEvidence()).equals(bytes)).toBe(true);
  expect(await keys()).toEqual([current ?? '', older ?? '']);
  expect(await rotateEvidenceKey(sources())).toEqual({ rewrapped: 1, damaged: [] });
  expect(await keys()).toEqual([current ?? '']);
  expect((await readEvidence()).equals(bytes)).toBe(true);
});

test('Damage that a backup meets is recorded, and the next backup leaves the file out and says so.', async () => {
  await storeEvidence();
  damageEvidence(directory().evidence, hash);
  const server = await startServer(sources());
  const { store } = server.composed.ports;
  await store.transact(({ evidence }) => evidence.insert({ sha256: hash, size: bytes.length, storedAt: 1 }));
  const refused = backUp({ sources: sources(), file: join(root, 'first') });
  await expect(refused).rejects.toMatchObject({
    code: 'evidence_damaged',
    message: `The evidence ${hash} is damaged. That is recorded now. Make the backup again: it will leave out what is damaged, and say so.`,
  });
  const made = await backUp({ sources: sources(), file: join(root, 'second') });
  expect(made).toMatchObject({ evidenceFiles: 0, evidenceLeftOut: [hash] });
  const events = await store.read((reader) => reader.events.list({ types: ['evidence_damaged'] }, 0, 10));
  expect(events).toMatchObject([{ facts: { sha256: hash } }]);
  await server.close();
  expect((await readdir(root)).toSorted()).toEqual(['data', 'second']);
  const restored = await restoreBackup({ sources: sources('third'), file: join(root, 'second') });
  expect(restored.evidenceLeftOut).toEqual([hash]);
});

test('All damage is met by one backup, so that the next one is whole.', async () => {
  await storeEvidence();
  const server = await startServer(sources());
  const { store, blobs } = server.composed.ports;
  const files = [Buffer.from(randomBytes(70_000)), Buffer.from(randomBytes(70_000))];
  const others = await Promise.all(files.map((file, index) => storeBytes(blobs, file, String(index).repeat(64))));
  const damaged = [hash, ...others.slice(1)];
  for (const sha256 of damaged) {
    damageEvidence(directory().evidence, sha256);
    await store.transact(({ evidence }) => evidence.insert({ sha256, size: 1, storedAt: 1 }));
  }
  const refused = backUp({ sources: sources(), file: join(root, 'first') });
  await expect(refused).rejects.toMatchObject({
    code: 'evidence_damaged',
    message: expect.stringContaining('2 files of the evidence are damaged.'),
  });
  const made = await backUp({ sources: sources(), file: join(root, 'second') });
  expect(made).toMatchObject({ evidenceFiles: 1 });
  expect([made['evidenceLeftOut']].flat().toSorted()).toEqual(damaged.toSorted());
  await server.close();
});

test('Evidence that is locked to a new key while a backup reads it is not recorded as damaged.', async () => {
  await storeEvidence();
  const prepared = await prepare(sources(), { mustExist: true });
  const store = await openStore(prepared.machine, prepared.directory, prepared);
  await store.transact(({ evidence }) => evidence.insert({ sha256: hash, size: bytes.length, storedAt: 1 }));
  const evidenceKey = await fileSystem.read(directory().evidenceKey);
  const blobs = await openBlobs(prepared.machine, prepared.directory, { ...prepared, isBeside: true });
  await rotateEvidenceKey(sources());
  const parts = { ...prepared, store, blobs, evidenceKey, signsOrders: true };
  await expect(makeBackup(parts, { file: join(root, 'first'), withEvidence: true })).rejects.toMatchObject({
    code: 'conflict',
    message: 'The evidence key was changed meanwhile. Make the backup again.',
  });
  const [record] = await store.read((reader) => reader.evidence.byHashes([hash]));
  expect(record?.damagedAt).toBeNull();
  expect(await store.read((reader) => reader.events.list({ types: ['evidence_damaged'] }, 0, 10))).toEqual([]);
  await store.close();
  expect(await backUp({ sources: sources(), file: join(root, 'second') })).toMatchObject({ evidenceFiles: 1 });
});

test('No rotation runs beside a server.', async () => {
  const server = await startServer(sources());
  await expect(rotateEvidenceKey(sources())).rejects.toMatchObject({ code: 'conflict' });
  await server.close();
});

test('A server whose evidence key is missing, or another one, does not start: it would take all for damaged.', async () => {
  await storeEvidence();
  const key = await readFile(directory().evidenceKey);
  await rm(directory().evidenceKey);
  await expect(startServer(sources())).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('evidence-key is missing'),
  });
  await (await startServer(sources('other'))).close();
  await fileSystem.replace(directory().evidenceKey, new Uint8Array(await readFile(directory('other').evidenceKey)));
  await expect(startServer(sources())).rejects.toMatchObject({ message: expect.stringContaining('locked to a key') });
  await fileSystem.replace(directory().evidenceKey, new Uint8Array(key));
  expect((await readEvidence()).equals(bytes)).toBe(true);
});

test('A backup brings the key with it, so that evidence that is kept elsewhere opens again.', async () => {
  await storeEvidence();
  const file = join(root, 'backup');
  await backUp({ sources: sources(), file, withEvidence: false });
  await restoreBackup({ sources: sources('second'), file });
  expect(await keys('second')).toEqual(await keys());
  const kept = join(root, 'data', 'evidence');
  const flags = { ...sources('second').flags, evidence: kept };
  const server = await startServer({ ...sources('second'), flags });
  const read = await new Response(await server.composed.ports.blobs?.read(hash)).arrayBuffer();
  expect(Buffer.from(read).equals(bytes)).toBe(true);
  await server.close();
});
