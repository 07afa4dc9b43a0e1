import { expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeFrame } from '#agent/child/frames.ts';
import { openIndex } from '#agent/inventory/index-file.ts';
import { scan } from '#agent/inventory/scan.ts';
import { quarantineCopies, type TellCopy } from '#agent/operations/copies.ts';
import type { CopiesJob } from '#agent/operations/quarantine-job.ts';
import { restore } from '#agent/operations/restore.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { performVaultOrder } from '#agent/tasks/perform.ts';
import { TaskGate } from '#agent/tasks/task-gate.ts';
import { allObjects, allRecords } from '#agent/vault/record.ts';
import { actionIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { toQuarantine } from './parameters.ts';
import { until } from './until.ts';
import { newTask, pathOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const hasFuse = existsSync('/dev/fuse') && spawnSync('bindfs', ['--version']).status === 0;
const content = 'the same bytes in many places\n';
const sha256 = sha256Of(content);
const nobodyListens: TellCopy = () => undefined;

/** A world whose index has what is under `files` now, and under the other roots. */
async function indexedWorld(names: readonly string[]) {
  const world = await vaultWorld();
  for (const name of names) {
    mkdirSync(path.dirname(path.join(world.files, name)), { recursive: true });
    writeFileSync(path.join(world.files, name), content);
  }
  const database = path.join(world.base, 'inventory.sqlite');
  const look = (...roots: readonly string[]) => {
    const index = openIndex(database);
    scan({ room: world.room, index, roots: [world.files, ...roots].map(pathOf), skip: [], watches: undefined });
    index.close();
  };
  look();
  const job: CopiesJob = {
    ...{ taskId: newTask(), sha256, overrideProtection: false, database, except: [], settle: false },
  };
  return { world, database, look, job };
}

/** A quarantine of every copy, by children of this command. */
async function performCopies(world: VaultWorld, database: string, command: readonly [string, ...string[]]) {
  const { vault, keys, own, policy } = world.room;
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const child = { command, clock: systemClock, log, patience: 1_500 };
  const now = Date.now();
  const order = {
    ...{ v: 1 as const, taskId: newTask(), issuedAt: now, notBefore: now, deadline: now + 60_000 },
    ...{ endpointId: endpointIdSchema.parse('a'.repeat(32)), actionId: actionIdSchema.parse('7') },
    parameters: toQuarantine(null, sha256),
  };
  const never = { signal: new AbortController().signal, gate: new TaskGate(() => false) };
  return await performVaultOrder({ child, vault, keys, own, policy, database }, order, never);
}

function shown(world: VaultWorld, file: FilePath | null): string {
  return file === null ? '' : path.relative(world.files, displayPath(file));
}

test('every copy under the roots goes into the vault, each with an object and an end of its own', async () => {
  const { world, job } = await indexedWorld(['a', 'd/b', 'd/e/c', 'other']);
  using _ = world;
  writeFileSync(path.join(world.files, 'other'), 'changed since it was indexed');
  rmSync(path.join(world.files, 'd/b'));
  const endings = await quarantineCopies(world.room, job, nobodyListens);
  expect(endings.map(({ path: file, outcome, effect }) => [shown(world, file), outcome, effect])).toEqual([
    ['a', 'done', 'taken'],
    ['other', 'hash_mismatch', null],
    ['d/b', 'not_found', null],
    ['d/e/c', 'done', 'taken'],
  ]);
  expect(new Set(allObjects(world.room.vault)).size).toBe(2);
  expect(readFileSync(path.join(world.files, 'other'), 'utf8')).toBe('changed since it was indexed');
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
  expect(readFileSync(path.join(world.files, 'd/e/c'), 'utf8')).toBe(content);
});

test.if(isRoot)('a copy that cannot be taken stops none of the others', async () => {
  const { world, job } = await indexedWorld(['a', 'b', 'c']);
  using _ = world;
  const fixed = path.join(world.files, 'b');
  expect(spawnSync('chattr', ['+i', fixed]).status).toBe(0);
  try {
    const endings = await quarantineCopies(world.room, job, nobodyListens);
    expect(endings.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['done', null],
      ['access_denied', 'immutable'],
      ['done', null],
    ]);
  } finally {
    spawnSync('chattr', ['-i', fixed]);
  }
});

test('a later run of the task works through the same list, whatever the index says by then', async () => {
  const { world, job, look } = await indexedWorld(['a', 'b']);
  using _ = world;
  const first = await quarantineCopies(world.room, job, nobodyListens);
  writeFileSync(path.join(world.files, 'new'), content);
  look();
  expect(await quarantineCopies(world.room, job, nobodyListens)).toEqual(first);
  expect(await quarantineCopies(world.room, { ...job, settle: true }, nobodyListens)).toEqual(first);
  const another = await quarantineCopies(world.room, { ...job, taskId: newTask() }, nobodyListens);
  expect(another.map((each) => shown(world, each.path))).toEqual(['new']);
});

test('without a copy under the roots the end says whether the vault has one', async () => {
  const { world, job, look } = await indexedWorld(['a']);
  using _ = world;
  await quarantineCopies(world.room, job, nobodyListens);
  look();
  const again = { ...job, taskId: newTask() };
  expect(await quarantineCopies(world.room, again, nobodyListens)).toMatchObject([
    { outcome: 'already_done', effect: 'taken' },
  ]);
  const unknown = { ...job, taskId: newTask(), sha256: sha256Of('never seen') };
  expect(await quarantineCopies(world.room, unknown, nobodyListens)).toMatchObject([
    { outcome: 'not_found', path: null },
  ]);
});

test('where a child got stuck on every copy, each has the end that settling gave it', async () => {
  const { world, database } = await indexedWorld(['a']);
  using _ = world;
  const [stuck, words] = [path.join(world.base, 'stuck'), path.join(world.base, 'words')];
  writeFileSync(words, encodeFrame({ type: 'copy', path: pathOf(path.join(world.files, 'a')), ending: null }));
  // The first child says which copy it begins, and nothing more; those after it are like any other.
  const script = `mkdir '${stuck}' 2>/dev/null && cat '${words}' && exec sleep 100; exec "$0" "$@"`;
  const files = await performCopies(world, database, ['sh', '-c', script, ...childCommand()]);
  expect(files).toMatchObject([{ path: pathOf(path.join(world.files, 'a')), outcome: 'interrupted', ordinal: 0 }]);
});

test.if(isRoot && hasFuse)(
  'a copy on a dead mount ends by itself as interrupted, and the others are taken',
  async () => {
    const { world, database, look } = await indexedWorld(['a', 'z']);
    using _ = world;
    const [source, mount] = [path.join(world.base, 'source'), path.join(world.base, 'mount')];
    mkdirSync(source);
    mkdirSync(mount);
    writeFileSync(path.join(source, 'dead'), content);
    const server = spawn('bindfs', ['-f', source, mount], { stdio: 'ignore' });
    try {
      await until(() => existsSync(path.join(mount, 'dead')), 'the mount');
      look(mount);
      server.kill('SIGSTOP');
      const files = await performCopies(world, database, childCommand());
      const ends = files.map((each) => [path.basename(shown(world, each.path)), each.outcome, each.reason]);
      expect(ends.toSorted()).toEqual([
        ['a', 'done', null],
        ['dead', 'interrupted', 'mount_dead'],
        ['z', 'done', null],
      ]);
      expect(files.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
      expect(allRecords(world.room.vault).filter(({ progress }) => progress.state === 'held')).toHaveLength(2);
    } finally {
      server.kill('SIGKILL');
      spawnSync('umount', ['-l', mount]);
    }
  },
  60_000,
);
