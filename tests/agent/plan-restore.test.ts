import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { planRestore } from '#agent/operations/plan-restore.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import type { PlanJob, RestoreObjectsJob } from '#agent/operations/quarantine-job.ts';
import { restore } from '#agent/operations/restore.ts';
import { restoreObjects } from '#agent/operations/restore-objects.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { allRecords, objectFile } from '#agent/vault/record.ts';
import { hasStrace, killPoints } from './killed-child.ts';
import { newTask, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const content = 'the file that may come back\n';
const sha256 = sha256Of(content);

function planOf(overrides: Partial<PlanJob> = {}): PlanJob {
  return { taskId: newTask(), sha256, vaultObject: null, to: null, settle: false, ...overrides };
}

async function hold(world: VaultWorld, file: string, bytes = content): Promise<string> {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  const { vaultObject } = await quarantine(world.room, quarantineOf(file, sha256Of(bytes)));
  return vaultObject ?? expect.unreachable();
}

/** What is found of each file, by its name. */
async function findings(world: VaultWorld, overrides: Partial<PlanJob> = {}): Promise<Record<string, unknown>> {
  const endings = await planRestore(world.room, planOf(overrides));
  expect(endings.map(({ outcome, effect }) => [outcome, effect])).toEqual(endings.map(() => ['done', null]));
  return Object.fromEntries(
    endings.map((ending) => [path.basename(Buffer.from(ending.path ?? []).toString()), ending.details.finding]),
  );
}

/** Everything below, with all that a change would show in. */
function snapshot(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const { ino, size, mode, uid, mtimeNs, ctimeNs } = lstatSync(path.join(directory, name), { bigint: true });
      return [name, ino, size, mode, uid, mtimeNs, ctimeNs].join(' ');
    });
}

test('a plan finds what each file would meet, and changes nothing on the disk or in the vault', async () => {
  using world = await vaultWorld();
  const at = (name: string) => path.join(world.files, name);
  for (const name of [
    'free',
    'same',
    'other',
    'gone/missing',
    'changed/parent',
    'broken',
    'denied/secret',
    'link/way',
  ]) {
    await hold(world, at(name));
  }
  writeFileSync(at('same'), content);
  writeFileSync(at('other'), 'an occupant');
  rmSync(at('gone'), { recursive: true });
  renameSync(at('changed'), at('elsewhere'));
  mkdirSync(at('changed'));
  chmodSync(at('changed'), 0o777);
  renameSync(at('link'), at('linked'));
  symlinkSync('linked', at('link'));
  const broken = allRecords(world.room.vault).find((record) => Buffer.from(record.path).toString() === at('broken'));
  const object = objectFile(world.room.vault, broken?.vaultObject ?? expect.unreachable());
  const bytes = readFileSync(object);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(object, bytes);
  const rules = [{ name: 'no', verbs: ['restore' as const], globs: [`${world.files}/denied/**`] }];
  const room = { ...world.room, policy: { ...openPolicy, rules } };

  const before = snapshot(world.base);
  expect(await findings({ ...world, room })).toEqual({
    ...{ free: 'free', same: 'occupied_same', other: 'occupied_other', missing: 'parent_missing' },
    ...{ parent: 'parent_changed', broken: 'damaged', secret: 'denied_by_policy', way: 'not_possible' },
  });
  expect(snapshot(world.base)).toEqual(before);
  const told = await planRestore(room, planOf());
  const occupied = told.find(({ details }) => details.finding === 'occupied_other');
  expect(occupied?.details.occupant).toMatchObject({ kind: 'file', size: 11, uid: process.geteuid?.() });
  expect(told.find(({ details }) => details.finding === 'denied_by_policy')?.details.rule).toBe('no');
});

test('a plan of one object, to another place, and of nothing that is held', async () => {
  using world = await vaultWorld();
  const held = await hold(world, path.join(world.files, 'a'));
  await hold(world, path.join(world.files, 'b'));
  const [record] = allRecords(world.room.vault);
  expect(record?.vaultObject).toBe(held as never);
  expect(await findings(world, { vaultObject: record?.vaultObject ?? null })).toEqual({ a: 'free' });
  const to = pathOf(path.join(world.base, 'nowhere', 'c'));
  const [elsewhere] = await planRestore(world.room, planOf({ vaultObject: record?.vaultObject ?? null, to }));
  expect(elsewhere).toMatchObject({
    ...{ path: to, outcome: 'done' },
    details: { finding: 'parent_missing', originalPath: path.join(world.files, 'a') },
  });
  expect(await planRestore(world.room, planOf({ sha256: sha256Of('nothing') }))).toMatchObject([
    { outcome: 'done', vaultObject: null, path: null, details: { finding: 'not_held' } },
  ]);
});

test.if(isRoot)('a file system that is not mounted any more is told from a directory that is gone', async () => {
  using world = await vaultWorld();
  const mount = path.join(world.base, 'mount');
  mkdirSync(mount);
  expect(spawnSync('mount', ['-t', 'tmpfs', 'none', mount]).status).toBe(0);
  try {
    await hold(world, path.join(mount, 'deep', 'a'));
    expect(await findings(world)).toEqual({ a: 'free' });
    rmSync(path.join(mount, 'deep'), { recursive: true });
    expect(await findings(world)).toEqual({ a: 'parent_missing' });
  } finally {
    spawnSync('umount', [mount]);
  }
  expect(await findings(world)).toEqual({ a: 'volume_gone' });
  mkdirSync(path.join(mount, 'deep'), { mode: 0o777 });
  chmodSync(path.join(mount, 'deep'), 0o777);
  expect(await findings(world)).toEqual({ a: 'volume_gone' });
});

test.if(isRoot)('a place that cannot be written to is named with its reason', async () => {
  using world = await vaultWorld();
  const mount = path.join(world.base, 'mount');
  mkdirSync(mount);
  expect(spawnSync('mount', ['-t', 'tmpfs', 'none', mount]).status).toBe(0);
  try {
    await hold(world, path.join(mount, 'a'));
    expect(spawnSync('mount', ['-o', 'remount,ro', mount]).status).toBe(0);
    expect(await planRestore(world.room, planOf())).toMatchObject([
      { outcome: 'done', reason: 'read_only', details: { finding: 'not_possible' } },
    ]);
  } finally {
    spawnSync('umount', [mount]);
  }
});

test.if(hasStrace)('the process that plans writes to nothing but its answer', async () => {
  using world = await vaultWorld();
  for (const name of ['free', 'other', 'same']) {
    await hold(world, path.join(world.files, name));
  }
  writeFileSync(path.join(world.files, 'other'), 'an occupant');
  writeFileSync(path.join(world.files, 'same'), content);
  const { vault, keys, own, policy } = world.room;
  const job = { vault, keys, own: [...own], policy, kind: 'plan' as const, ...planOf() };
  const calls = new Set((await killPoints(job)).map(({ call }) => call));
  expect([...calls]).toEqual(['write']);
});

test('just the objects that are named come back, each as it was decided, and nothing that came since', async () => {
  using world = await vaultWorld();
  const at = (name: string) => path.join(world.files, name);
  for (const name of ['a', 'b', 'c', 'd']) {
    await hold(world, at(name));
  }
  const ids = new Map(
    allRecords(world.room.vault).map((one) => [path.basename(Buffer.from(one.path).toString()), one.vaultObject]),
  );
  const idOf = (name: string) => ids.get(name) ?? expect.unreachable();
  await hold(world, at('later'));
  writeFileSync(at('b'), 'an occupant');
  writeFileSync(at('c'), 'another occupant');
  const other = mkdtempSync(path.join(world.base, 'other-'));
  const job: RestoreObjectsJob = {
    ...{ taskId: newTask(), sha256, settle: false },
    objects: [
      { vaultObject: idOf('a'), to: null, ifOccupied: 'fail' },
      { vaultObject: idOf('b'), to: null, ifOccupied: 'swap' },
      { vaultObject: idOf('c'), to: pathOf(path.join(other, 'c')), ifOccupied: 'fail' },
    ],
  };
  const endings = await restoreObjects(world.room, job);
  expect(endings.map(({ outcome, effect }) => [outcome, effect])).toEqual([
    ['done', 'returned'],
    ['done', 'returned'],
    ['done', 'taken'],
    ['done', 'returned'],
  ]);
  expect(['a', 'b'].map((name) => readFileSync(at(name), 'utf8'))).toEqual([content, content]);
  expect(readFileSync(path.join(other, 'c'), 'utf8')).toBe(content);
  expect(readFileSync(at('c'), 'utf8')).toBe('another occupant');
  const held = allRecords(world.room.vault).filter(({ progress }) => progress.state === 'held');
  expect(held.map((one) => path.basename(Buffer.from(one.path).toString())).toSorted()).toEqual(['b', 'd', 'later']);
  // The same task again, and another one that comes too late.
  expect((await restoreObjects(world.room, job)).map(({ outcome }) => outcome)).toEqual([
    'done',
    'done',
    'done',
    'done',
  ]);
  expect(await restore(world.room, restoreOf(sha256, { vaultObject: idOf('d') }))).toMatchObject([{ outcome: 'done' }]);
  const late = {
    ...job,
    taskId: newTask(),
    objects: [{ vaultObject: idOf('d'), to: null, ifOccupied: 'fail' as const }],
  };
  expect(await restoreObjects(world.room, late)).toMatchObject([{ outcome: 'already_done', effect: 'returned' }]);
  const wrong = { ...late, taskId: newTask(), sha256: sha256Of('other') };
  expect(await restoreObjects(world.room, wrong)).toMatchObject([{ outcome: 'not_found', vaultObject: idOf('d') }]);
});
