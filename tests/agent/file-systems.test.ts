import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import { allObjects, allRecords } from '#agent/vault/record.ts';
import { hashOfFile, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const content = 'a file on some file system\n';
const sha256 = sha256Of(content);

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args);
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  }
}

/** Unmounts, or changes flags back, however the test ends. */
function after(...undo: readonly string[]): Disposable {
  const [command = 'true', ...args] = undo;
  return { [Symbol.dispose]: () => void spawnSync(command, args) };
}

function directoryIn(world: VaultWorld, name: string): string {
  const directory = path.join(world.base, name);
  mkdirSync(directory);
  return directory;
}

/** Nothing of the agent's is left beside the file, and nothing in the vault. */
function expectUntouched(world: VaultWorld, file: string): void {
  expect(hashOfFile(file)).toBe(sha256);
  expect(readdirSync(path.dirname(file)).filter((name) => name.includes('custody'))).toEqual([]);
  expect([allObjects(world.room.vault), allRecords(world.room.vault)]).toEqual([[], []]);
  expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.part') || name.endsWith('.new'))).toEqual([]);
}

test.if(isRoot)('a file goes from a file system of its own into the vault on another, and back', async () => {
  using world = await vaultWorld();
  const mount = directoryIn(world, 'mount');
  run('mount', '-t', 'tmpfs', 'none', mount);
  using _ = after('umount', mount);
  const file = path.join(mount, 'a');
  writeFileSync(file, content);
  expect(await quarantine(world.room, quarantineOf(file, sha256))).toMatchObject({ outcome: 'done' });
  expect(readdirSync(mount)).toEqual([]);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done', losses: [] }]);
  expect([readdirSync(mount), hashOfFile(file)]).toEqual([['a'], sha256]);
});

test.if(isRoot)('a file of the lower part of an overlay is taken, and the lower part keeps it as it was', async () => {
  using world = await vaultWorld();
  const [lowerHome, upperHome, mount] = ['lower', 'upper', 'mount'].map((name) => directoryIn(world, name));
  for (const home of [lowerHome ?? '', upperHome ?? '']) {
    run('mount', '-t', 'tmpfs', 'none', home);
  }
  using _lower = after('umount', lowerHome ?? '');
  using _upper = after('umount', upperHome ?? '');
  const [upper, work] = [path.join(upperHome ?? '', 'u'), path.join(upperHome ?? '', 'w')];
  mkdirSync(upper);
  mkdirSync(work);
  writeFileSync(path.join(lowerHome ?? '', 'a'), content);
  run('mount', '-t', 'overlay', 'o', '-o', `lowerdir=${lowerHome},upperdir=${upper},workdir=${work}`, mount ?? '');
  using _mount = after('umount', mount ?? '');
  const file = path.join(mount ?? '', 'a');
  expect(await quarantine(world.room, quarantineOf(file, sha256))).toMatchObject({ outcome: 'done' });
  expect([existsSync(file), hashOfFile(path.join(lowerHome ?? '', 'a'))]).toEqual([false, sha256]);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done' }]);
  expect(hashOfFile(file)).toBe(sha256);
});

test.if(isRoot)('flags and mounts that forbid a change have their names, and the file is untouched', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  for (const [what, flag] of [
    [file, 'i'],
    [file, 'a'],
    [world.files, 'i'],
    [world.files, 'a'],
  ] as const) {
    run('chattr', `+${flag}`, what);
    using _ = after('chattr', `-${flag}`, what);
    const ending = await quarantine(world.room, quarantineOf(file, sha256));
    expect([what, flag, ending.outcome, ending.reason]).toEqual([what, flag, 'access_denied', 'immutable']);
    expectUntouched(world, file);
  }
});

test.if(isRoot)('a file that is a mount point of its own is in use', async () => {
  using world = await vaultWorld();
  const [file, other] = [path.join(world.files, 'a'), path.join(world.base, 'other')];
  writeFileSync(file, 'below');
  writeFileSync(other, content);
  run('mount', '--bind', other, file);
  using _ = after('umount', file);
  expect(await quarantine(world.room, quarantineOf(file, sha256))).toMatchObject({ outcome: 'in_use' });
  expectUntouched(world, file);
});

test.if(isRoot)('a restore into a place that forbids it says why, and the vault keeps the file', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  await quarantine(world.room, quarantineOf(file, sha256));
  for (const flag of ['i', 'a']) {
    run('chattr', `+${flag}`, world.files);
    using _ = after('chattr', `-${flag}`, world.files);
    expect(await restore(world.room, restoreOf(sha256))).toMatchObject([
      { outcome: 'access_denied', reason: 'immutable' },
    ]);
  }
  const mount = directoryIn(world, 'mount');
  run('mount', '-t', 'tmpfs', '-o', 'ro', 'none', mount);
  using _ = after('umount', mount);
  const elsewhere = restoreOf(sha256, { to: pathOf(path.join(mount, 'a')) });
  expect(await restore(world.room, elsewhere)).toMatchObject([{ outcome: 'access_denied', reason: 'read_only' }]);
  expect([readdirSync(world.files), allObjects(world.room.vault).length]).toEqual([[], 1]);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done' }]);
});

test.if(isRoot)(
  'a file system without room for a staging directory keeps its file, and so does a vault without any',
  async () => {
    using world = await vaultWorld();
    const [full, vault] = [directoryIn(world, 'full'), directoryIn(world, 'small-vault')];
    run('mount', '-t', 'tmpfs', '-o', 'nr_inodes=3', 'none', full);
    using _full = after('umount', full);
    const file = path.join(full, 'a');
    writeFileSync(file, content);
    writeFileSync(path.join(full, 'b'), 'the last inode');
    expect(await quarantine(world.room, quarantineOf(file, sha256))).toMatchObject({ outcome: 'no_space' });
    expectUntouched(world, file);
    rmSync(path.join(full, 'b'));
    run('mount', '-t', 'tmpfs', '-o', 'size=66m,nr_inodes=2', 'none', vault);
    using _vault = after('umount', vault);
    const small = { ...world.room, vault, own: [vault] };
    expect(await quarantine(small, quarantineOf(file, sha256))).toMatchObject({ outcome: 'no_space' });
    expectUntouched({ ...world, room: small }, file);
    expect(readFileSync(file, 'utf8')).toBe(content);
  },
);
