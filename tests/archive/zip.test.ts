import { afterAll, beforeAll, expect, test } from 'bun:test';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createZipArchiver } from '#archive/zip.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';

const run = promisify(execFile);
const modifiedAt = Date.UTC(2024, 4, 17, 10, 20, 30);
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-zip-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

function entryOf(name: string, bytes: Uint8Array, size: number | undefined = bytes.length): ArchiveEntry {
  return {
    name,
    modifiedAt,
    ...(size === undefined ? {} : { size }),
    open: async () => new Response(bytes.slice()).body ?? new ReadableStream(),
  };
}

const text = (value: string) => new TextEncoder().encode(value);

async function zipToFile(name: string, entries: readonly ArchiveEntry[]): Promise<string> {
  const path = join(directory, name);
  const chunks = await Array.fromAsync(createZipArchiver().zip(entries));
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

async function extracted(zip: string, name: string): Promise<Uint8Array> {
  const into = `${zip}.out`;
  await mkdir(into, { recursive: true });
  await run('python3', ['-m', 'zipfile', '-e', zip, into]);
  return readFile(join(into, name));
}

test("Info-ZIP's unzip and Python's zipfile find no fault, and give back the very bytes.", async () => {
  const binary = crypto.getRandomValues(new Uint8Array(60_000));
  const entries = [entryOf('host/a.txt', text('plain\n'.repeat(9_000))), entryOf('host/b.bin', binary)];
  const zip = await zipToFile('plain.zip', [...entries, entryOf('host/empty', new Uint8Array())]);
  expect((await run('unzip', ['-t', zip])).stdout).toContain('No errors detected');
  expect((await run('python3', ['-m', 'zipfile', '-t', zip])).stdout).toContain('Done testing');
  expect(Buffer.compare(await extracted(zip, 'host/b.bin'), binary)).toBe(0);
  expect(Buffer.from(await extracted(zip, 'host/a.txt')).toString()).toBe('plain\n'.repeat(9_000));
  expect(await extracted(zip, 'host/empty')).toHaveLength(0);
});

test('Files of a known size are plain deflate, version 2.0 to extract, with no zip64.', async () => {
  const zip = await zipToFile('version.zip', [entryOf('a', text('a'.repeat(1_000)))]);
  const bytes = await readFile(zip);
  expect(bytes.readUInt32LE(0)).toBe(0x04034b50);
  expect(bytes.readUInt16LE(4)).toBe(20);
  expect(bytes.readUInt16LE(8)).toBe(8);
  expect(bytes.includes(Buffer.from([0x50, 0x4b, 0x06, 0x06]))).toBe(false);
});

test('A file of unknown size is archived too.', async () => {
  const entry: ArchiveEntry = {
    name: 'a',
    modifiedAt,
    open: async () => new Blob(['content']).stream(),
  };
  const zip = await zipToFile('unknown.zip', [entry]);
  await run('unzip', ['-t', zip]);
  expect(Buffer.from(await extracted(zip, 'a')).toString()).toBe('content');
});

test.each([
  ['of 4 GiB and more', 2 ** 32, 45],
  ['well below that', 4_000_000_000, 20],
])(
  'A file %s says what it needs before its first byte: zip64 and version 4.5, or neither.',
  async (_name, size, version) => {
    const { entry } = endlessSource();
    const reader = createZipArchiver()
      .zip([{ ...entry, size }])
      .getReader();
    const bytes = Buffer.from((await reader.read()).value ?? []);
    await reader.cancel();
    expect(bytes.readUInt32LE(0)).toBe(0x04034b50);
    expect(bytes.readUInt16LE(4)).toBe(version);
    expect(bytes.readUInt16LE(28) > 0).toBe(version === 45);
  },
);

test('Odd names come through as they are.', async () => {
  const names = [
    'größe/文件/файл.exe',
    'emoji 🦊.txt',
    ' leading and trailing ',
    '-rf',
    'percent%2e%2e',
    'quote"\'`$(x)',
    `${'long'.repeat(50)}.bin`,
    'a.txt',
    'A.txt',
  ];
  const entries = names.map((name) => entryOf(name, text(name)));
  const zip = await zipToFile('names.zip', entries);
  await run('unzip', ['-t', zip]);
  const list = 'import json,sys,zipfile; print(json.dumps(zipfile.ZipFile(sys.argv[1]).namelist()))';
  expect(JSON.parse((await run('python3', ['-c', list, zip])).stdout)).toEqual(names);
  for (const name of names) {
    expect(Buffer.from(await extracted(zip, name)).toString()).toBe(name);
  }
});

test('A name that comes twice breaks the archive: neither file may hide the other.', async () => {
  const zipped = zipToFile('twice.zip', [entryOf('a', text('1')), entryOf('a', text('2'))]);
  await expect(zipped).rejects.toThrow();
});

test('An archive of nothing is a valid archive.', async () => {
  const zip = await zipToFile('nothing.zip', []);
  expect((await run('python3', ['-m', 'zipfile', '-t', zip])).stdout).toContain('Done testing');
});

test('An error of one file breaks the archive, whatever was written before.', async () => {
  const broken: ArchiveEntry = {
    name: 'broken',
    modifiedAt,
    size: 10,
    open: async () =>
      new ReadableStream({
        pull(controller) {
          controller.error(new Error('the disk went away'));
        },
      }),
  };
  const zipped = zipToFile('broken.zip', [entryOf('whole', text('whole')), broken]);
  await expect(zipped).rejects.toThrow('the disk went away');
});

test('A file that cannot be opened breaks the archive.', async () => {
  const missing: ArchiveEntry = {
    name: 'missing',
    modifiedAt,
    size: 1,
    open: () => Promise.reject(new Error('no such blob')),
  };
  await expect(zipToFile('missing.zip', [missing])).rejects.toThrow('no such blob');
});

test.each([
  ['shorter', 9],
  ['longer', 7],
])('A file that is %s than was recorded breaks the archive.', async (_name, size) => {
  await expect(zipToFile('length.zip', [entryOf('a', text('8 bytes.'), size)])).rejects.toThrow('recorded');
});

test('Nothing is opened before someone reads, and one file at a time after.', async () => {
  const opened: string[] = [];
  const entry = (name: string): ArchiveEntry => ({
    ...entryOf(name, new Uint8Array(10)),
    async open() {
      opened.push(name);
      return createReadStreamOf('/proc/self/status');
    },
  });
  const reader = createZipArchiver()
    .zip([entry('a'), entry('b')].map(({ name, open }) => ({ name, open, modifiedAt })))
    .getReader();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(opened).toEqual([]);
  await reader.read();
  expect(opened).toEqual(['a']);
  await reader.cancel();
});

function createReadStreamOf(path: string): ReadableStream<Uint8Array> {
  const chunks = createReadStream(path)[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
  });
}

interface Source {
  readonly entry: ArchiveEntry;
  readonly state: { pulled: number; cancelled: boolean };
}

/** Incompressible, so that what goes in must come out. */
function endlessSource(): Source {
  const state = { pulled: 0, cancelled: false };
  const body = () =>
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          state.pulled += 65_536;
          controller.enqueue(crypto.getRandomValues(new Uint8Array(65_536)));
        },
        cancel() {
          state.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
  return { state, entry: { name: 'endless', modifiedAt, open: async () => body() } };
}

test('A reader that stops taking stops the reading, and one that leaves closes the file.', async () => {
  const { entry, state } = endlessSource();
  const reader = createZipArchiver().zip([entry]).getReader();
  let taken = 0;
  while (taken < 20_000_000) {
    taken += (await reader.read()).value?.length ?? 0;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(state.pulled - taken).toBeLessThan(5_000_000);
  const { pulled } = state;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(state.pulled).toBe(pulled);
  await reader.cancel('enough');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(state.cancelled).toBe(true);
});

test('An archive is not held up by any number of others whose readers have stopped.', async () => {
  const slow = Array.from({ length: 16 }, () => createZipArchiver().zip([endlessSource().entry]).getReader());
  await Promise.all(slow.map((reader) => reader.read()));
  const file = await zipToFile('beside.zip', [entryOf('a.txt', text('hello'))]);
  expect((await readFile(file)).length).toBeGreaterThan(100);
  await Promise.all(slow.map((reader) => reader.cancel('enough')));
});
