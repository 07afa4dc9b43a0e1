import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { startChild } from '#agent/child/spawn.ts';
import { openIndex } from '#agent/inventory/index-file.ts';
import { lookAt, scan, scanSteps } from '#agent/inventory/scan.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { displayPath } from '#core/file/file-path.ts';
import { quietLog } from './live-inventory.ts';
import { until } from './until.ts';
import { pathOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;

function inventory(world: VaultWorld, roots: readonly string[] = [world.files]) {
  const index = openIndex(path.join(world.base, 'inventory.sqlite'));
  const tools = {
    room: world.room,
    index,
    roots: roots.map(pathOf),
    skip: [world.room.vault, path.join(world.files, 'own')],
    watches: undefined,
  };
  const present = () => index.presentAfter(undefined, 1_000).map(({ path: each }) => displayPath(each));
  /** What would be sent, and is then taken for confirmed. */
  const changes = () => {
    const dirty = index.dirty(1_000);
    index.confirm(dirty);
    return dirty.map(
      ({ path: each, file }) => `${file === undefined ? '-' : '+'}${path.relative(world.files, displayPath(each))}`,
    );
  };
  return { index, tools, present, changes, [Symbol.dispose]: () => index.close() };
}

test('regular files are listed with their facts; links, special files and our own directory are not', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  for (const directory of ['below/deep', 'own']) {
    mkdirSync(path.join(world.files, directory), { recursive: true });
    writeFileSync(path.join(world.files, directory, 'f'), 'text');
  }
  writeFileSync(path.join(world.files, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(Buffer.concat([Buffer.from(`${world.files}/`), Buffer.from([0xff, 0x0a])]), '\x7fELF....');
  symlinkSync('/etc', path.join(world.files, 'linked'));
  symlinkSync('run.sh', path.join(world.files, 'alias'));
  spawnSync('mkfifo', [path.join(world.files, 'fifo')]);
  expect(list.index.complete).toBe(false);
  expect(scan(list.tools)).toMatchObject({ changed: 3, unreadable: 0 });
  expect(list.index.complete).toBe(true);
  const rows = list.index.presentAfter(undefined, 10);
  const facts = rows.map(({ file, path: each }) => [
    displayPath(each).slice(world.files.length),
    file?.kind,
    file?.size,
  ]);
  expect(facts.toSorted()).toEqual([
    ['/\\xff\\x0a', 'elf', 8],
    ['/below/deep/f', 'other', 4],
    ['/run.sh', 'script', 10],
  ]);
  const script = rows.find(({ file }) => file?.kind === 'script')?.file;
  expect(script).toMatchObject({ mode: 0o755, sha256: sha256Of('#!/bin/sh\n'), uid: process.getuid?.() ?? 0 });
  expect([script?.sha1.length, script?.md5.length]).toEqual([40, 32]);
});

test('only what changed is told again: new, rewritten, renamed and removed files, and whole directories', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  mkdirSync(path.join(world.files, 'd'));
  for (const name of ['a', 'b', 'd/x', 'd/y']) {
    writeFileSync(path.join(world.files, name), name);
  }
  scan(list.tools);
  expect(list.changes()).toEqual(['+a', '+b', '+d/x', '+d/y']);
  expect(scan(list.tools)).toMatchObject({ changed: 0 });
  expect(list.changes()).toEqual([]);

  writeFileSync(path.join(world.files, 'a'), 'A');
  utimesSync(path.join(world.files, 'a'), 1, 1);
  rmSync(path.join(world.files, 'b'));
  renameSync(path.join(world.files, 'd'), path.join(world.files, 'e'));
  scan(list.tools);
  expect(list.changes()).toEqual(['+a', '-b', '-d/x', '-d/y', '+e/x', '+e/y']);
  expect(list.present().map((each) => path.relative(world.files, each))).toEqual(['a', 'e/x', 'e/y']);
});

test('a change that comes between sending and confirming is told once more', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'one');
  scan(list.tools);
  const sent = list.index.dirty(10);
  writeFileSync(file, 'two!');
  scan(list.tools);
  list.index.confirm(sent);
  expect(list.changes()).toEqual(['+a']);
  const again = list.index.dirty(10);
  rmSync(file);
  lookAt(list.tools, [pathOf(file)]);
  list.index.confirm(again);
  expect(list.changes()).toEqual(['-a']);
  writeFileSync(file, 'back');
  lookAt(list.tools, [pathOf(file), pathOf('/etc/passwd')]);
  expect(list.changes()).toEqual(['+a']);
});

test('a root that is no longer asked for, or is gone, takes its files with it', async () => {
  using world = await vaultWorld();
  const [one, two] = [path.join(world.files, 'one'), path.join(world.files, 'two')];
  for (const root of [one, two]) {
    mkdirSync(root);
    writeFileSync(path.join(root, 'f'), 'f');
  }
  {
    using list = inventory(world, [one, two]);
    scan(list.tools);
    expect(list.changes()).toEqual(['+one/f', '+two/f']);
  }
  using list = inventory(world, [two]);
  scan(list.tools);
  expect(list.changes()).toEqual(['-one/f']);
  rmSync(two, { recursive: true });
  scan(list.tools);
  expect(list.changes()).toEqual(['-two/f']);
});

test.if(isRoot)('another file system below a root is not entered, and that is said', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  const mount = path.join(world.files, 'mount');
  mkdirSync(mount);
  spawnSync('mount', ['-t', 'tmpfs', 'none', mount]);
  try {
    writeFileSync(path.join(mount, 'f'), 'f');
    expect(scan(list.tools)).toMatchObject({ changed: 0, notes: [`does not go into other file systems: ${mount}`] });
  } finally {
    spawnSync('umount', [mount]);
  }
});

test('a file is read again when it was read so soon after a change that another could bear the same time', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  const file = path.join(world.files, 'f');
  writeFileSync(file, 'one');
  scan(list.tools);
  expect(list.index.known({ directory: pathOf(world.files), name: Buffer.from('f') })?.settled).toBe(false);
  await Bun.sleep(200);
  scan(list.tools);
  expect(list.index.known({ directory: pathOf(world.files), name: Buffer.from('f') })?.settled).toBe(true);
  expect(list.index.dirty(10).map(({ version }) => version)).toEqual([1]);
});

test('a hash is found with all its paths, and the kind and the executable bit are known', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  for (const name of ['a', 'b']) {
    writeFileSync(path.join(world.files, name), 'MZ same');
  }
  chmodSync(path.join(world.files, 'b'), 0o755);
  scan(list.tools);
  const found = list.index.withHash('sha256', sha256Of('MZ same'), 10);
  expect(found.map(({ file }) => [file?.kind, file?.mode])).toEqual([
    ['pe', 0o644],
    ['pe', 0o755],
  ]);
});

test('a directory that is swapped for a link while a scan runs leads nowhere else', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  const outside = path.join(world.base, 'outside');
  const [sub, moved] = ['sub', 'moved'].map((name) => path.join(world.files, name));
  for (const directory of [outside, sub ?? '']) {
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'f'), directory);
  }
  const steps = scanSteps(list.tools);
  steps.next();
  renameSync(sub ?? '', moved ?? '');
  symlinkSync(outside, sub ?? '');
  while (steps.next().done !== true) {
    // To the end.
  }
  expect(list.present()).toEqual([]);
  scan(list.tools);
  expect(list.present()).toEqual([path.join(world.files, 'moved/f')]);
});

test('loops of links and special files neither hold a scan up nor are listed', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  symlinkSync('loop', path.join(world.files, 'loop'));
  symlinkSync('.', path.join(world.files, 'self'));
  spawnSync('mkfifo', [path.join(world.files, 'fifo')]);
  expect(scan(list.tools)).toMatchObject({ changed: 0, unreadable: 0 });
});

test('a first scan that is killed goes on where it was: what was read is not read again', async () => {
  using world = await vaultWorld();
  using list = inventory(world);
  const [files, size] = [40, 4 * 1024 * 1024];
  for (let number = 0; number < files; number += 1) {
    mkdirSync(path.join(world.files, `d${number}`));
    writeFileSync(path.join(world.files, `d${number}`, 'f'), Buffer.alloc(size, number));
  }
  const { roots, skip } = list.tools;
  const job = {
    kind: 'inventory' as const,
    database: path.join(world.base, 'inventory.sqlite'),
    roots,
    skip,
    watcher: null,
  };
  const options = { command: childCommand(), clock: systemClock, log: quietLog, patience: 60_000 };
  const scanned: number[] = [];
  let hasEnded = false;
  const run = () =>
    startChild(options, job, {
      message: (message) => void (message.type === 'scanned' && scanned.push(message.changed)),
      ended: () => {
        hasEnded = true;
      },
    });
  const first = run();
  first.ask({ type: 'scan' });
  await until(() => list.present().length > 3, 'some files');
  process.kill(first.pid ?? 0, 'SIGKILL');
  await until(() => hasEnded, 'the end of the child');
  const before = list.present().length;
  expect(before).toBeLessThan(files);
  expect(list.index.complete).toBe(false);
  const second = run();
  second.ask({ type: 'scan' });
  await until(() => scanned.length > 0, 'the second scan');
  const read = Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${second.pid}/io`, 'utf8'))?.[1]);
  second.stop();
  expect(scanned).toEqual([files - before]);
  // One more than the rest, at most, beside what the runtime itself reads of its own code.
  expect(read).toBeGreaterThanOrEqual((files - before) * size);
  expect(read).toBeLessThan((files - before + 2) * size);
  expect(list.present()).toHaveLength(files);
  expect(list.index.complete).toBe(true);
});
