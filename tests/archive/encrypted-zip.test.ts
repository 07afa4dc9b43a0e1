import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextWriter, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import { createZipArchiver } from '#archive/zip.ts';
import type { ArchiveEntry } from '#core/ports/archiver.ts';
import { runProgram } from '#kit/program.ts';

const password = 'cautionhandlewithcare';
const plain = 'some text that must not be seen\n'.repeat(3_000);
const sevenZip = Bun.which('7z');
const reason = 'there is no 7z here; the Debian package p7zip-full has it';

if (sevenZip === null && process.env['CUSTODY_TEST_NO_SKIP'] === '1') {
  test('7-Zip opens encrypted archives.', () => {
    throw new Error(`${reason}, and CUSTODY_TEST_NO_SKIP forbids to skip.`);
  });
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-zip-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

function entryOf(
  name: string,
  bytes: Uint8Array,
  options: { readonly sized: boolean } = { sized: true },
): ArchiveEntry {
  return {
    name,
    modifiedAt: Date.UTC(2024, 4, 17, 10, 20, 30),
    ...(options.sized ? { size: bytes.length } : {}),
    open: async () => new Response(bytes.slice()).body ?? new ReadableStream(),
  };
}

const text = (value: string) => new TextEncoder().encode(value);

async function encrypted(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(createZipArchiver().zip(entries, { password })));
}

test('An entry is AES-256 in the AE-2 form: no CRC tells what is inside, and no word of it can be read.', async () => {
  const zip = await encrypted([entryOf('a.txt', text(plain))]);
  expect(zip.readUInt16LE(4)).toBe(51);
  expect(zip.readUInt16LE(6) & 1).toBe(1);
  expect(zip.readUInt16LE(8)).toBe(99);
  const directoryAt = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  expect(zip.readUInt32LE(directoryAt + 16)).toBe(0);
  const extra = zip.subarray(directoryAt + 46 + zip.readUInt16LE(directoryAt + 28));
  expect(extra.subarray(0, 11).toString('hex')).toBe('019907000200414503' + '0800');
  expect(zip.includes('must not be seen')).toBe(false);
  expect(zip.includes(password)).toBe(false);
});

test('Two archives of one file differ: each has salt of its own.', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => encrypted([entryOf('a.txt', text(plain))])));
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
});

test('What the password does not open is refused, and so is what was changed.', async () => {
  const zip = await encrypted([entryOf('a.txt', text(plain))]);
  await expect(read(zip, 'another password')).rejects.toThrow();
  expect(await read(zip, password)).toBe(plain);
  const [first] = await new ZipReader(new Uint8ArrayReader(zip), { useWebWorkers: false }).getEntries();
  const middle = 60 + Math.floor((first?.compressedSize ?? 0) / 2);
  zip.writeUInt8(zip.readUInt8(middle) ^ 1, middle);
  await expect(read(zip, password)).rejects.toThrow();
});

async function read(zip: Uint8Array, given: string): Promise<string | undefined> {
  const reader = new ZipReader(new Uint8ArrayReader(zip), { useWebWorkers: false, password: given });
  const [entry] = await reader.getEntries();
  return entry?.directory === false ? entry.getData(new TextWriter()) : undefined;
}

describe.skipIf(sevenZip === null)(
  sevenZip === null ? `7-Zip (skipped: ${reason})` : '7-Zip opens an encrypted archive',
  () => {
    test('with names that are not ASCII, an empty file, one of unknown size and one that does not compress.', async () => {
      const binary = crypto.getRandomValues(new Uint8Array(300_000));
      const archive = await encrypted([
        entryOf('größe/файл.exe', binary),
        entryOf('plain.txt', text(plain)),
        entryOf('empty', new Uint8Array()),
        entryOf('unknown size', text(plain), { sized: false }),
      ]);
      const zip = join(directory, 'archive.zip');
      await writeFile(zip, archive);
      const into = join(directory, 'out');
      await mkdir(into);
      const environment = { LC_ALL: 'C.UTF-8' };
      const done = await runProgram(['7z', 'x', '-y', `-p${password}`, `-o${into}`, zip], { environment });
      expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' });
      expect(Buffer.compare(await readFile(join(into, 'größe', 'файл.exe')), binary)).toBe(0);
      expect(await readFile(join(into, 'plain.txt'), 'utf8')).toBe(plain);
      expect(await readFile(join(into, 'unknown size'), 'utf8')).toBe(plain);
      expect(await readFile(join(into, 'empty'))).toHaveLength(0);
      const wrong = await runProgram(['7z', 't', '-y', '-pnot-it', zip], { environment });
      expect(wrong.code).not.toBe(0);
    });
  },
);
