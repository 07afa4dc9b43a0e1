import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, open, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sealedChunkBytes } from '#age/stream.ts';
import { headBytes } from '#blobs/filesystem/head.ts';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { evidenceKeys } from '#kit/evidence-keys.ts';
import { anyLimit, bytesOf, describeBlobs, hashOf, readAll, streamOf, uploadIdOf } from '../conformance/blobs.ts';
import { patternedBytes } from './patterned-bytes.ts';

const random = { uuid: randomUUID };

async function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'custody-blobs-'));
}

describeBlobs('in a directory', async () => {
  const root = await temporaryDirectory();
  const directory = join(root, 'evidence');
  return {
    open: () => openFilesystemBlobs({ directory, keys: evidenceKeys, random }),
    break: () => rename(directory, join(root, 'unplugged')),
    remove: () => rm(root, { recursive: true }),
  };
});

test('Blobs lie under their hash, for their owner only, and nothing of an upload is left beside them.', async () => {
  const directory = await temporaryDirectory();
  const blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
  const bytes = bytesOf('evidence');
  await blobs.append(uploadIdOf('x'), { offset: 0, body: streamOf(bytes), limit: anyLimit });
  await blobs.commit(uploadIdOf('x'), hashOf(bytes));
  const path = join(directory, 'objects', hashOf(bytes).slice(0, 2), `${hashOf(bytes).slice(2)}.age`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(directory, 'staging'))).toEqual([]);
  await rm(directory, { recursive: true });
});

test('A directory that cannot be made is evidence_unavailable at once.', async () => {
  const opened = openFilesystemBlobs({ directory: '/dev/null/evidence', keys: evidenceKeys, random });
  await expect(opened).rejects.toMatchObject({ code: 'evidence_unavailable', cause: expect.any(Error) });
});

const ends = [100_000, 200_000, 300_000] as const;

/** Damages an upload in three parts, and goes on after the next start of a server that the power was cut from. */
async function afterDamage(damage: (file: string) => Promise<void>): Promise<number> {
  const directory = await temporaryDirectory();
  let blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
  const [upload, whole] = [uploadIdOf('x'), patternedBytes(0, 300_000)];
  const append = (offset: number, end: number) =>
    blobs.append(upload, { offset, body: streamOf(whole.subarray(offset, end)), limit: anyLimit });
  for (const [index, end] of ends.entries()) {
    await append(ends[index - 1] ?? 0, end);
  }
  await damage(join(directory, 'staging', upload));
  blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
  if ((await blobs.staged(upload)) === whole.length) {
    const fault = await blobs.commit(upload, hashOf(whole)).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: 'conflict', details: { offset: expect.any(Number) } });
  }
  const offset = await blobs.staged(upload);
  await append(offset, 300_000);
  await blobs.commit(upload, hashOf(whole));
  expect(await blobs.size(hashOf(whole))).toBe(300_000);
  expect(hashOf(await readAll(await blobs.read(hashOf(whole))))).toBe(hashOf(whole));
  await rm(directory, { recursive: true });
  return offset;
}

/** Where the sealed chunk of a number begins. */
const chunkAt = (index: number) => headBytes + index * sealedChunkBytes;

const garble =
  (at: number, suffix = '') =>
  async (file: string) => {
    const handle = await open(file + suffix, 'r+');
    const byte = new Uint8Array(1);
    await handle.read(byte, 0, 1, at);
    await handle.write(new Uint8Array([(byte[0] ?? 0) ^ 1]), 0, 1, at);
    await handle.close();
  };

test('An upload whose file has lost its tail goes on from its last whole part.', async () => {
  expect(await afterDamage((file) => truncate(file, chunkAt(4) - 1))).toBe(200_000);
  expect(await afterDamage((file) => truncate(file, 3))).toBe(0);
});

test('A part that the disk has garbled is sent again, with what follows it, and not the whole file.', async () => {
  expect(await afterDamage(garble(chunkAt(0) + 7))).toBe(0);
  expect(await afterDamage(garble(chunkAt(2) + 7))).toBe(100_000);
  // This chunk holds the end of the second part and the beginning of the third.
  expect(await afterDamage(garble(chunkAt(3) + 65_000))).toBe(100_000);
});

test('A part whose last bytes were garbled beside the upload is sent again, and those before it are not.', async () => {
  expect(await afterDamage(garble(headBytes + 100, '.parts'))).toBe(200_000);
});

test('An upload whose keys are gone, or that an older version has begun in plain, begins anew.', async () => {
  expect(await afterDamage(garble(30, '.parts'))).toBe(0);
  const inPlain = async (file: string) => {
    await writeFile(file, patternedBytes(0, 100_000));
    await writeFile(`${file}.parts`, `0000000000100000 ${hashOf(patternedBytes(0, 100_000))}\n`);
  };
  expect(await afterDamage(inPlain)).toBe(0);
});

test('Bytes behind the last durable part are those that a process was killed over, and do not count.', async () => {
  const directory = await temporaryDirectory();
  const blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
  await blobs.append(uploadIdOf('x'), { offset: 0, body: streamOf(bytesOf('hello ')), limit: anyLimit });
  const file = join(directory, 'staging', uploadIdOf('x'));
  await appendFile(file, 'wo\0\0\0');
  await appendFile(`${file}.parts`, '0000000000000011 torn');
  expect(await blobs.staged(uploadIdOf('x'))).toBe(6);
  expect(await blobs.append(uploadIdOf('x'), { offset: 6, body: streamOf(bytesOf('you')), limit: anyLimit })).toBe(9);
  await blobs.commit(uploadIdOf('x'), hashOf(bytesOf('hello you')));
  expect(await readdir(join(directory, 'staging'))).toEqual([]);
  await rm(directory, { recursive: true });
});

test('A process that is killed in mid-append has lost nothing that it acknowledged.', async () => {
  const directory = await temporaryDirectory();
  const upload = uploadIdOf('killed');
  let acknowledged = 0;
  for (let round = 0; round < 5; round += 1) {
    acknowledged = Math.max(acknowledged, await appendUntilKilled(directory, upload));
    const blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
    expect(await blobs.staged(upload)).toBeGreaterThanOrEqual(acknowledged);
  }
  expect(acknowledged).toBeGreaterThan(0);
  const blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
  const size = await blobs.staged(upload);
  const bytes = patternedBytes(0, size);
  await blobs.commit(upload, hashOf(bytes));
  expect(await blobs.size(hashOf(bytes))).toBe(size);
  await rm(directory, { recursive: true });
}, 20_000);

async function appendUntilKilled(directory: string, upload: string): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'append-until-killed.ts'), directory, upload], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  const lines = createInterface(child.stdout);
  const ended = once(child, 'close');
  for await (const line of lines) {
    acknowledged = Number(line);
    setTimeout(() => child.kill('SIGKILL'), 5 + 60 * Math.random());
    break;
  }
  lines.on('line', (line) => {
    acknowledged = Number(line);
  });
  await ended;
  return acknowledged;
}

test('A reserve that is reached stops appends and nothing else.', async () => {
  const directory = await temporaryDirectory();
  const options = { directory, keys: evidenceKeys, random };
  const bytes = patternedBytes(0, 1_000);
  const hash = hashOf(bytes);
  const [kept, begun] = [uploadIdOf('kept'), uploadIdOf('begun')];
  const before = await openFilesystemBlobs(options);
  await before.append(kept, { offset: 0, body: streamOf(bytes), limit: anyLimit });
  await before.commit(kept, hash);
  await before.append(begun, { offset: 0, body: streamOf(bytes.slice(0, 10)), limit: anyLimit });
  const full = await openFilesystemBlobs({ ...options, reserve: { percent: 0, bytes: 2 ** 60 } });
  const fault = await full
    .append(begun, { offset: 10, body: streamOf(bytes.slice(10)), limit: anyLimit })
    .catch((thrown: unknown) => thrown);
  expect(fault).toMatchObject({
    code: 'evidence_unavailable',
    message: expect.stringContaining('CUSTODY_EVIDENCE_RESERVE'),
  });
  expect(await full.room()).toMatchObject({ reservedBytes: 2 ** 60 });
  await full.demandWritable();
  expect(await full.staged(begun)).toBe(10);
  expect(await readAll(await full.read(hash))).toEqual(bytes);
  await full.remove(hash);
  expect(await before.append(begun, { offset: 10, body: streamOf(bytes.slice(10)), limit: anyLimit })).toBe(1_000);
  await full.commit(begun, hash);
  const share = await openFilesystemBlobs({ ...options, reserve: { percent: 50, bytes: 1 } });
  expect((await share.room())?.reservedBytes).toBeGreaterThan(1);
});

test('A file of 300 MB passes through in flat memory.', async () => {
  const directory = await temporaryDirectory();
  const blobs = await openFilesystemBlobs({ directory, keys: evidenceKeys, random });
  const chunk = patternedBytes(0, 1_000_000);
  const hash = createHash('sha256');
  let left = 300;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (left === 0) {
          controller.close();
          return;
        }
        left -= 1;
        // What is garbage shall not look like what is kept.
        if (left % 16 === 0) {
          Bun.gc(true);
        }
        hash.update(chunk);
        controller.enqueue(chunk.slice());
      },
    },
    { highWaterMark: 0 },
  );
  const before = process.memoryUsage.rss();
  expect(await blobs.append(uploadIdOf('big'), { offset: 0, body, limit: anyLimit })).toBe(300_000_000);
  const sha256 = sha256Schema.parse(hash.digest('hex'));
  await blobs.commit(uploadIdOf('big'), sha256);
  let read = 0;
  for await (const part of await blobs.read(sha256)) {
    read += part.length;
  }
  expect(read).toBe(300_000_000);
  Bun.gc(true);
  expect(process.memoryUsage.rss() - before).toBeLessThan(120_000_000);
  await rm(directory, { recursive: true });
}, 30_000);
