import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { DirectoryWatches } from '#agent/inventory/directory-watches.ts';
import { openIndex } from '#agent/inventory/index-file.ts';
import { scan } from '#agent/inventory/scan.ts';
import { inotify } from '#agent/platform/linux/inotify.ts';
import { SystemError } from '#agent/platform/system-error.ts';
import { liveInventory, queueLength } from './live-inventory.ts';
import { until } from './until.ts';
import { pathOf, sha256Of, vaultWorld } from './vault-world.ts';

test('files that are made, written, renamed, linked, given other rights and removed are known without a scan', async () => {
  using live = await liveInventory();
  const file = (name: string) => path.join(live.files, name);
  writeFileSync(file('old'), 'old');
  await live.start();
  writeFileSync(file('new'), 'new');
  linkSync(file('old'), file('linked'));
  await live.untilPresent(['linked', 'new', 'old']);
  appendFileSync(file('new'), ' and more');
  await until(() => live.find('new')?.file?.sha256 === sha256Of('new and more'), 'the new hash');
  chmodSync(file('new'), 0o755);
  await until(() => live.find('new')?.file?.mode === 0o755, 'the executable bit');
  renameSync(file('new'), file('renamed'));
  rmSync(file('linked'));
  await live.untilPresent(['old', 'renamed']);
  expect(live.scans.filter(({ of }) => of === 'scan')).toHaveLength(1);
});

test('a file that stays open for writing is looked at after a pause, and again when it is closed', async () => {
  using live = await liveInventory();
  await live.start();
  const file = path.join(live.files, 'log');
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, 'one');
  await until(() => live.find('log')?.file?.sha256 === sha256Of('one'), 'what was written so far');
  writeSync(descriptor, ' two');
  closeSync(descriptor);
  await until(() => live.find('log')?.file?.sha256 === sha256Of('one two'), 'all of it');
});

test('new directories are watched with all below them; what moves keeps being watched where it is then', async () => {
  using live = await liveInventory();
  const at = (name: string) => path.join(live.files, name);
  mkdirSync(at('before/deep'), { recursive: true });
  writeFileSync(at('before/deep/f'), 'f');
  await live.start();
  mkdirSync(at('a/b/c'), { recursive: true });
  writeFileSync(at('a/b/c/g'), 'g');
  await live.untilPresent(['a/b/c/g', 'before/deep/f']);
  renameSync(at('before'), at('after'));
  await live.untilPresent(['a/b/c/g', 'after/deep/f']);
  writeFileSync(at('after/deep/h'), 'h');
  await live.untilPresent(['a/b/c/g', 'after/deep/f', 'after/deep/h']);
  rmSync(at('a'), { recursive: true });
  await live.untilPresent(['after/deep/f', 'after/deep/h']);
});

test('a directory that is moved out of the roots takes its files with it, and its watches end', async () => {
  using live = await liveInventory();
  const [inside, outside] = [path.join(live.files, 'd'), path.join(live.world.base, 'd')];
  mkdirSync(path.join(inside, 'e'), { recursive: true });
  writeFileSync(path.join(inside, 'e', 'f'), 'f');
  await live.start();
  expect(live.index.watchCount()).toBe(3);
  renameSync(inside, outside);
  await live.untilPresent([]);
  writeFileSync(path.join(outside, 'e', 'secret'), 'not under the roots');
  renameSync(path.join(outside, 'e'), path.join(live.files, 'e'));
  await live.untilPresent(['e/f', 'e/secret']);
  expect(live.index.watchCount()).toBe(2);
});

test('a root that is removed takes its files with it', async () => {
  using live = await liveInventory();
  writeFileSync(path.join(live.files, 'f'), 'f');
  await live.start();
  rmSync(live.files, { recursive: true });
  await live.untilPresent([]);
  await until(() => live.index.rootDirectories().length === 0, 'the end of the root');
});

test('names of any bytes are told as they are', async () => {
  using live = await liveInventory();
  await live.start();
  const odd = Buffer.concat([Buffer.from(`${live.files}/`), Buffer.from([0xff, 0x0a, 0x5c, 0x20])]);
  writeFileSync(odd, 'odd');
  await live.untilPresent(['\\xff\\x0a\\x5c ']);
});

test('changes that come faster than they are read are found by a scan, at once, and that is said', async () => {
  using live = await liveInventory();
  await live.start();
  // Nothing is read while this waits; the kernel drops what comes when its queue is full, so that nobody is told of the last.
  const rounds = Math.ceil(queueLength() / 100);
  const script = `for i in $(seq ${rounds}); do touch $(seq 100); done; touch last`;
  spawnSync('sh', ['-c', script], { cwd: live.files });
  const scans = () => live.scans.filter(({ of }) => of === 'scan');
  await until(() => scans().length > 1, 'another scan');
  expect(live.present()).toContain('last');
  expect(scans().flatMap(({ notes }) => notes)).toContain(
    'changes came faster than they could be read; all roots were scanned again',
  );
});

test('a directory that a scan finds elsewhere before it misses it where it was keeps being watched', async () => {
  using world = await vaultWorld();
  const at = (name: string) => path.join(world.files, name);
  mkdirSync(at('z/d'), { recursive: true });
  mkdirSync(at('a'));
  const index = openIndex(path.join(world.base, 'inventory.sqlite'));
  const heard: string[] = [];
  const watcher = inotify.open({
    changed: (changes) =>
      void heard.push(...changes.map(({ watch, name }) => `${watch} ${Buffer.from(name).toString()}`)),
    overflowed: () => undefined,
  });
  try {
    const watches = new DirectoryWatches(inotify, watcher.descriptor, index);
    const tools = { room: world.room, index, roots: [at('a'), at('z')].map(pathOf), skip: [], watches };
    scan(tools);
    renameSync(at('z/d'), at('a/d'));
    scan(tools);
    const watch = index.watchOf(Buffer.from(at('a/d')));
    writeFileSync(at('a/d/f'), 'f');
    await until(() => heard.includes(`${watch} f`), 'a change where the directory is now');
  } finally {
    watcher.close();
    index.close();
  }
});

test('what has moved out of the roots is no longer heard of', async () => {
  using world = await vaultWorld();
  const [inside, outside] = [path.join(world.files, 'd'), path.join(world.base, 'd')];
  mkdirSync(inside);
  const index = openIndex(path.join(world.base, 'inventory.sqlite'));
  const heard: string[] = [];
  const watcher = inotify.open({
    changed: (changes) => void heard.push(...changes.map(({ name }) => Buffer.from(name).toString())),
    overflowed: () => undefined,
  });
  try {
    const watches = new DirectoryWatches(inotify, watcher.descriptor, index);
    const tools = { room: world.room, index, roots: [pathOf(world.files)], skip: [], watches };
    scan(tools);
    renameSync(inside, outside);
    scan(tools);
    writeFileSync(path.join(outside, 'theirs'), 'f');
    writeFileSync(path.join(world.files, 'ours'), 'f');
    await until(() => heard.includes('ours'), 'a change under the root');
    expect(heard).not.toContain('theirs');
  } finally {
    watcher.close();
    index.close();
  }
});

test('a large file that changes is read aside: others need not wait for it', async () => {
  using live = await liveInventory();
  await live.start();
  const large = Buffer.alloc(320 * 1024 * 1024, 'large');
  // Once: a look at it every few milliseconds would take the time from whoever reads the file.
  const sha256 = sha256Of(large);
  writeFileSync(path.join(live.files, 'large'), large);
  await until(() => live.scans.some((each) => each.large.length > 0), 'a look that leaves the large file for later');
  writeFileSync(path.join(live.files, 'small'), 'small');
  await until(() => live.find('small'), 'the small file');
  await until(() => live.find('large')?.file?.sha256 === sha256, 'the large file', 90_000);
  const order = live.scans.map(({ of, changed }) => `${of} ${changed}`);
  expect(order.indexOf('look 1')).toBeLessThan(order.indexOf('large 1'));
}, 180_000);

test('where nothing is watched, changes are found by scanning again and again', async () => {
  using live = await liveInventory({ isWatched: false });
  await live.start();
  writeFileSync(path.join(live.files, 'f'), 'f');
  await live.untilPresent(['f']);
  expect(live.scans.every(({ isWatched }) => !isWatched)).toBe(true);
});

test('where the system gives no watcher at all, that is said, and scans serve', async () => {
  const open = () => {
    throw new SystemError('inotify_init1', constants.errno.EMFILE);
  };
  using live = await liveInventory({ watch: { ...inotify, open } });
  await live.start();
  expect(live.scans).toMatchObject([
    { isWatched: false, notes: ['the system tells of no changes; they are found by the periodic scan'] },
  ]);
});

test('where the system allows no more watches, that is said, and the pass does not count as watched', async () => {
  using world = await vaultWorld();
  mkdirSync(path.join(world.files, 'a/b/c'), { recursive: true });
  const index = openIndex(path.join(world.base, 'inventory.sqlite'));
  const watcher = inotify.open({ changed: () => undefined, overflowed: () => undefined });
  try {
    const tools = { room: world.room, index, roots: [pathOf(world.files)], skip: [] };
    const few = new DirectoryWatches({ ...inotify, most: () => 2 }, watcher.descriptor, index);
    expect(scan({ ...tools, watches: few })).toMatchObject({
      isWatched: false,
      notes: [expect.stringContaining('the system allows 2 directories to be watched')],
    });
    expect(index.watchCount()).toBe(2);
    const enough = new DirectoryWatches(inotify, watcher.descriptor, index);
    expect(scan({ ...tools, watches: enough })).toMatchObject({ isWatched: true, notes: [] });
    expect(index.watchCount()).toBe(4);
  } finally {
    watcher.close();
    index.close();
  }
});
