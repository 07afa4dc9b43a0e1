import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { allObjects, allRecords, vaultObjectOf } from '#agent/vault/record.ts';
import { newTask, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'what the order is about\n';
const sha256 = sha256Of(content);
const isRoot = process.getuid?.() === 0;

/** Does something in the very moment before the file is moved, as somebody else on the machine could. */
function meddling(world: VaultWorld, meddle: () => void) {
  const { platform } = world.room;
  let done = false;
  const move: Platform['move'] = (from, to) => {
    if (!done) {
      done = true;
      meddle();
    }
    platform.move(from, to);
  };
  return { ...world.room, platform: { ...platform, move } };
}

const swaps: Record<string, (file: string, other: string) => void> = {
  'another file': (file) => writeFileSync(file, 'precious'),
  'a hard link to another file': (file, other) => linkSync(other, file),
  'a symbolic link': (file, other) => symlinkSync(other, file),
  'a fifo': (file) => void spawnSync('mkfifo', [file]),
  'an empty directory': (file) => mkdirSync(file),
  'a directory with something in it': (file) => {
    mkdirSync(file);
    writeFileSync(path.join(file, 'inside'), 'precious');
  },
};

function shapeOf(file: string): string {
  const stats = lstatSync(file);
  const bytes = stats.isFile() ? readFileSync(file, 'utf8') : '';
  return [stats.ino, stats.mode, stats.nlink, bytes, stats.isDirectory() ? readdirSync(file) : ''].join(' ');
}

test.each(Object.keys(swaps))(
  '%s that takes the file’s name while it is being taken is put back as it was',
  async (kind) => {
    using world = await vaultWorld();
    const file = path.join(world.files, 'a');
    const other = path.join(world.base, 'other');
    writeFileSync(file, content);
    writeFileSync(other, 'precious');
    let shape = '';
    const room = meddling(world, () => {
      renameSync(file, path.join(world.files, 'moved away'));
      swaps[kind]?.(file, other);
      shape = shapeOf(file);
    });
    const ending = await quarantine(room, quarantineOf(file, sha256));
    expect(ending).toMatchObject({ outcome: 'interrupted', reason: 'changed_during_capture' });
    expect(shapeOf(file)).toBe(shape);
    expect(readFileSync(other, 'utf8')).toBe('precious');
    expect(readdirSync(world.files).toSorted()).toEqual(['a', 'moved away']);
    expect([allRecords(world.room.vault), allObjects(world.room.vault)]).toEqual([[], []]);
  },
);

test('a wrong capture whose name was taken again stands beside it, and nothing is overwritten', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const { platform } = world.room;
  let moves = 0;
  const move: Platform['move'] = (from, to) => {
    moves += 1;
    if (moves === 1) {
      rmSync(file);
      writeFileSync(file, 'first');
    } else if (moves === 2) {
      writeFileSync(file, 'second');
    }
    platform.move(from, to);
  };
  const room = { ...world.room, platform: { ...platform, move } };
  const ending = await quarantine(room, quarantineOf(file, sha256));
  expect(ending.outcome).toBe('interrupted');
  const contents = readdirSync(world.files).map((name) => readFileSync(path.join(world.files, name), 'utf8'));
  expect(contents.toSorted()).toEqual(['first', 'second']);
});

test('bytes that are written after the copy was made are never lost: the file is back with all of them', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const room = meddling(world, () => appendFileSync(file, 'more'));
  const ending = await quarantine(room, quarantineOf(file, sha256));
  expect(ending).toMatchObject({ outcome: 'interrupted', reason: 'changed_during_capture' });
  expect(readFileSync(file, 'utf8')).toBe(`${content}more`);
});

test('a name that is taken at the last moment stops a restore, and both files are kept', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  await quarantine(world.room, quarantineOf(file, sha256));
  const room = meddling(world, () => writeFileSync(file, 'precious'));
  const job = restoreOf(sha256);
  expect(await restore(room, job)).toMatchObject([{ outcome: 'conflict', reason: 'occupied' }]);
  expect(readFileSync(file, 'utf8')).toBe('precious');
  expect(readdirSync(world.files)).toEqual(['a']);
  rmSync(file);
  expect(await restore(world.room, job)).toMatchObject([{ outcome: 'done' }]);
});

test('a directory that is swapped for a link after it was opened leads nobody anywhere', async () => {
  using world = await vaultWorld();
  const [directory, precious] = [path.join(world.files, 'd'), path.join(world.base, 'precious')];
  mkdirSync(directory);
  mkdirSync(precious);
  writeFileSync(path.join(directory, 'a'), content);
  writeFileSync(path.join(precious, 'a'), content);
  const swap = () => {
    renameSync(directory, path.join(world.files, 'renamed'));
    symlinkSync(precious, directory);
  };
  const ending = await quarantine(meddling(world, swap), quarantineOf(path.join(directory, 'a'), sha256));
  expect(ending.outcome).toBe('done');
  expect(readdirSync(path.join(world.files, 'renamed'))).toEqual([]);
  expect(readdirSync(precious)).toEqual(['a']);
  const back = await restore(world.room, restoreOf(sha256));
  expect(back).toMatchObject([{ outcome: 'access_denied', reason: 'unsafe_path' }]);
  expect(readdirSync(precious)).toEqual(['a']);
});

test('a staging directory that somebody else prepared is not used', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const taskId = newTask();
  const uuid = vaultObjectOf(taskId, pathOf(file));
  mkdirSync(path.join(world.files, `.custody-stage-${uuid}`), { mode: 0o777 });
  const ending = await quarantine(world.room, quarantineOf(file, sha256, { taskId }));
  expect(ending.outcome).not.toBe('done');
  expect(readFileSync(file, 'utf8')).toBe(content);
  expect(allObjects(world.room.vault)).toEqual([]);
});

test.if(isRoot)('a full disk takes no file away: neither the vault’s nor the one that is restored to', async () => {
  using world = await vaultWorld();
  const mount = (directory: string, size: string) =>
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', directory]).status).toBe(0);
  const small = path.join(world.base, 'small');
  mkdirSync(small);
  mount(small, '1m');
  try {
    const file = path.join(small, 'a');
    writeFileSync(file, content);
    const full = { ...world.room, vault: small };
    const refused = await quarantine(full, quarantineOf(file, sha256));
    expect(refused.outcome).toBe('no_space');
    expect(readFileSync(file, 'utf8')).toBe(content);

    expect((await quarantine(world.room, quarantineOf(file, sha256))).outcome).toBe('done');
    const job = restoreOf(sha256);
    expect(await restore(world.room, job)).toMatchObject([{ outcome: 'no_space' }]);
    expect(allObjects(world.room.vault)).toHaveLength(1);
    expect(readdirSync(small)).toEqual([]);
    spawnSync('mount', ['-o', 'remount,size=64m', small]);
    expect(await restore(world.room, job)).toMatchObject([{ outcome: 'done' }]);
  } finally {
    spawnSync('umount', [small]);
  }
});
