import { expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { DiskWatch } from '#server/disk-watch.ts';
import { StoreReserve } from '#server/store-reserve.ts';
import { systemRandom } from '#server/system-random.ts';

const bytes = 300_000;

class Diary implements Log {
  readonly said: string[] = [];
  readonly debug = (message: string) => void this.said.push(message);
  readonly info = this.debug;
  readonly warn = this.debug;
  readonly error = this.debug;
}

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-reserve-'));
  try {
    await work(join(directory, 'reserve'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('The reserve fills its room, is given back once, and is taken again.', async () => {
  await inDirectory(async (path) => {
    const log = new Diary();
    const reserve = new StoreReserve({ path, bytes, log, random: systemRandom });
    expect(reserve.state).toBe('given');
    expect(reserve.giveBack()).toBe(false);
    await reserve.tend();
    expect(reserve.state).toBe('held');
    expect((await stat(path)).size).toBe(bytes);
    // A file system that keeps no zeros must keep these.
    expect((await readFile(path)).subarray(-1_000).every((byte) => byte === 0)).toBe(false);
    expect(reserve.giveBack()).toBe(true);
    expect(await stat(path).catch(() => 'gone')).toBe('gone');
    expect(reserve.giveBack()).toBe(false);
    expect(log.said).toEqual([expect.stringContaining('Its reserve was given back')]);
    await reserve.tend();
    expect((await stat(path)).size).toBe(bytes);
  });
});

test('One that a killed process left half written is written again, and a whole one is kept.', async () => {
  await inDirectory(async (path) => {
    const options = { path, bytes, log: new Diary(), random: systemRandom };
    await writeFile(path, 'half');
    await new StoreReserve(options).tend();
    const { ino, mtimeMs, size } = await stat(path);
    expect(size).toBe(bytes);
    const next = new StoreReserve(options);
    await next.tend();
    expect(next.state).toBe('held');
    expect(await stat(path)).toMatchObject({ ino, mtimeMs });
    const none = new StoreReserve({ ...options, bytes: 0 });
    await none.tend();
    expect([none.state, await stat(path).catch(() => 'gone')]).toEqual(['none', 'gone']);
  });
});

test('One for which there is no room is not taken, and given back while it is being taken it is gone.', async () => {
  await inDirectory(async (path) => {
    const options = { path, log: new Diary(), random: systemRandom };
    const tooLarge = new StoreReserve({ ...options, bytes: 2 ** 52 });
    await tooLarge.tend();
    expect([tooLarge.state, await stat(path).catch(() => 'gone')]).toEqual(['given', 'gone']);
  });
});

test('The watch tells of each change once, and of what it knows.', async () => {
  const log = new Diary();
  let isFull = false;
  let state: StoreReserve['state'] = 'held';
  const blobs = {
    room: async () => ({ freeBytes: 5, reservedBytes: 7 }),
    demandRoom: async () => {
      if (isFull) {
        throw new Fault('evidence_unavailable', 'no room');
      }
    },
  };
  const reserve = {
    get state() {
      return state;
    },
    tend: async () => undefined,
  };
  const watch = new DiskWatch({ blobs, reserve, directory: tmpdir(), log });
  state = 'given';
  expect(watch.notes()).toEqual([]);
  await watch.look();
  expect(watch.notes()).toEqual(['the disk of the database is nearly full: its reserve is not held']);
  expect([watch.evidence, watch.reserveHeld]).toEqual([{ freeBytes: 5, reservedBytes: 7 }, 0]);
  expect(watch.dataFreeBytes).toBeGreaterThan(0);
  [isFull, state] = [true, 'held'];
  await watch.look();
  await watch.look();
  expect(watch.notes()).toEqual(['evidence storage has no room: nothing can be fetched']);
  isFull = false;
  await watch.look();
  expect(watch.notes()).toEqual([]);
  expect(log.said).toEqual([
    'Fetched files are refused until evidence storage has room.',
    'Evidence storage has room again.',
  ]);
});
