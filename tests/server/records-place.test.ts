import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataDirectory, dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { demandRecordsHere, noteRecordsPlace } from '#server/records-place.ts';

const warned: string[] = [];
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: (words: string) => void warned.push(words), error: quiet };
const elsewhere = 'postgres://custody:secret@db.example:5433/custody?sslmode=require';

let directory: DataDirectory;

beforeEach(async () => {
  warned.length = 0;
  directory = dataDirectory(await mkdtemp(join(tmpdir(), 'custody-records-')));
});

afterEach(() => rm(directory.root, { recursive: true, force: true }));

const note = (store: string) => noteRecordsPlace({ fs: fileSystem, directory, config: { CUSTODY_STORE: store }, log });

/** What somebody is told who opens the records with this setting; undefined: nothing. */
const refusal = (store: string) =>
  demandRecordsHere({ fs: fileSystem, directory, config: { CUSTODY_STORE: store } }).then(
    () => undefined,
    (thrown: unknown) => String(thrown),
  );

test('Whoever looks for the records of a server that has them elsewhere is told where, and nothing of the password', async () => {
  // A database of before, or that somebody made who looked in the wrong place.
  await writeFile(directory.store, '');
  await note(elsewhere);
  expect(await refusal('sqlite')).toContain(
    'keeps its records in postgres://db.example:5433/custody. Set CUSTODY_STORE',
  );
  expect(await readFile(directory.recordsPlace, 'utf8')).not.toContain('secret');
  expect(await refusal(elsewhere)).toBeUndefined();
  await note('postgres://custody:secret@one.example:1,two.example:2/custody');
  expect(await refusal('sqlite')).toContain('keeps its records in PostgreSQL.');
  expect(await readFile(directory.recordsPlace, 'utf8')).not.toContain('secret');
  // It has moved back.
  await note('sqlite');
  expect(await refusal('sqlite')).toBeUndefined();
});

test('Where a server of before has noted nothing, the missing database tells, and none is made by asking', async () => {
  expect(await refusal('sqlite')).toContain('in another place, for there is no custody.sqlite');
  expect(await readdir(directory.root)).toEqual([]);
  await writeFile(directory.store, '');
  expect(await refusal('sqlite')).toBeUndefined();
});

test('A server whose disk takes no note goes on, and says so', async () => {
  await rm(directory.root, { recursive: true });
  await note('sqlite');
  expect(warned).toHaveLength(1);
});
