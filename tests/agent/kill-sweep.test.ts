import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Job } from '#agent/child/job.ts';
import type { Ending } from '#agent/operations/ending.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import { restoreObjects } from '#agent/operations/restore-objects.ts';
import { tidy } from '#agent/operations/tidy.ts';
import { undo } from '#agent/operations/undo.ts';
import { verifyObject } from '#agent/vault/object.ts';
import { allObjects, allRecords, objectFile } from '#agent/vault/record.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { hasStrace, type KillPoint, killPoints, runKilled } from './killed-child.ts';
import { newTask, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'the only copy of a file\n'.repeat(100);
const sha256 = sha256Of(content);

type VaultJob = Extract<Job, { kind: 'quarantine' | 'restore' | 'restore_objects' | 'undo' }>;

function vaultOf({ room: { vault, keys, own, policy } }: VaultWorld) {
  return { vault, keys, own: [...own], policy };
}

function quarantineJob(world: VaultWorld): VaultJob {
  return { ...vaultOf(world), kind: 'quarantine', ...quarantineOf(path.join(world.files, 'a'), sha256) };
}

function restoreJob(world: VaultWorld): VaultJob {
  return { ...vaultOf(world), kind: 'restore', ...restoreOf(sha256) };
}

function objectsJob(world: VaultWorld): VaultJob {
  const objects = allRecords(world.room.vault).map(({ vaultObject }) => ({
    ...{ vaultObject, to: null, ifOccupied: 'fail' as const },
  }));
  return { ...vaultOf(world), kind: 'restore_objects', taskId: newTask(), sha256, objects, settle: false };
}

function undoJob(world: VaultWorld, undoes: TaskId): VaultJob {
  return { ...vaultOf(world), kind: 'undo', taskId: newTask(), undoes, ifOccupied: 'fail', settle: false };
}

/** The next run of the same task, in this process. */
async function again(world: VaultWorld, job: VaultJob, settle = false): Promise<readonly Ending[]> {
  switch (job.kind) {
    case 'quarantine':
      return [await quarantine(world.room, { ...job, settle })];
    case 'restore':
      return restore(world.room, { ...job, settle });
    case 'restore_objects':
      return restoreObjects(world.room, { ...job, settle });
    case 'undo':
      return undo(world.room, { ...job, settle });
  }
}

/** Every complete copy of the file, wherever it is. */
async function goodCopies(world: VaultWorld): Promise<readonly string[]> {
  const places: string[] = [];
  for (const entry of readdirSync(world.files, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && readFileSync(file, 'utf8') === content) {
      places.push(path.relative(world.files, file));
    }
  }
  for (const id of allObjects(world.room.vault)) {
    const file = objectFile(world.room.vault, id);
    const metadata = await verifyObject(file, world.room.keys.identity, () => undefined).catch(() => undefined);
    places.push(...(metadata?.sha256 === sha256 ? ['vault'] : []));
  }
  return places;
}

/** Exactly one good copy, where the endings say that it is, and nothing left over. */
async function expectTruth(world: VaultWorld, outcome: 'vaulted' | 'in place'): Promise<void> {
  expect(await goodCopies(world)).toEqual([outcome === 'vaulted' ? 'vault' : 'a']);
  expect(readdirSync(world.files)).toEqual(outcome === 'vaulted' ? [] : ['a']);
  const states = allRecords(world.room.vault).map(({ progress }) => progress.state);
  expect(states.filter((state) => state === 'held')).toHaveLength(outcome === 'vaulted' ? 1 : 0);
  expect(states.filter((state) => state === 'taking' || state === 'returning')).toEqual([]);
  expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.part'))).toEqual([]);
}

async function prepared(kind: VaultJob['kind']): Promise<{ world: VaultWorld; job: VaultJob }> {
  const world = await vaultWorld();
  writeFileSync(path.join(world.files, 'a'), content);
  if (kind === 'quarantine') {
    return { world, job: quarantineJob(world) };
  }
  const taking = quarantineJob(world);
  await again(world, taking);
  const jobs = {
    restore: restoreJob,
    restore_objects: objectsJob,
    undo: () => undoJob(world, taking.taskId),
  };
  return { world, job: jobs[kind](world) };
}

async function pointsOf(kind: VaultJob['kind']): Promise<readonly KillPoint[]> {
  const { world, job } = await prepared(kind);
  using _ = world;
  return await killPoints(job);
}

const ends = { quarantine: 'vaulted', restore: 'in place', restore_objects: 'in place', undo: 'in place' } as const;

describe.if(hasStrace)('a child that is killed', () => {
  test.each(['quarantine', 'restore', 'restore_objects', 'undo'] as const)(
    'at any change that one of the kind %s makes leaves a good copy, and the next run ends truly',
    async (kind) => {
      const points = await pointsOf(kind);
      expect(points.length).toBeGreaterThan(20);
      let killed = 0;
      for (const point of points) {
        const { world, job } = await prepared(kind);
        using _ = world;
        const run = await runKilled(job, point);
        killed += run.killed ? 1 : 0;
        expect([point, await goodCopies(world)]).not.toEqual([point, []]);
        const endings = await again(world, job);
        expect([point, endings.map(({ outcome }) => outcome)]).toEqual([point, ['done']]);
        await expectTruth(world, ends[kind]);
      }
      expect(killed).toBe(points.length);
    },
    240_000,
  );

  test.each(['quarantine', 'restore', 'restore_objects', 'undo'] as const)(
    'in one of the kind %s that is then only settled is either undone or done, as it says',
    async (kind) => {
      const points = await pointsOf(kind);
      for (const point of points.filter((_, index) => index % 2 === 0)) {
        const { world, job } = await prepared(kind);
        using _ = world;
        await runKilled(job, point);
        const [ending] = await again(world, job, true);
        const done = ending?.outcome === 'done';
        expect([point, done || ending?.outcome === 'interrupted']).toEqual([point, true]);
        await expectTruth(world, (kind === 'quarantine') === done ? 'vaulted' : 'in place');
      }
    },
    240_000,
  );

  test('again and again, recovery included, still ends with one good copy', async () => {
    const points = await pointsOf('quarantine');
    for (let round = 0; round < 12; round += 1) {
      const { world, job } = await prepared('quarantine');
      using _ = world;
      for (let cut = 0; cut < 3; cut += 1) {
        const point = points[(round * 7 + cut * 11) % points.length];
        if (point !== undefined) {
          await runKilled(job, point);
          expect(await goodCopies(world)).not.toEqual([]);
        }
      }
      expect(await again(world, job)).toMatchObject([{ outcome: 'done' }]);
      await expectTruth(world, 'vaulted');
    }
  }, 240_000);
});

test('records that were lost are made again from the objects', async () => {
  using world = await vaultWorld();
  writeFileSync(path.join(world.files, 'a'), content);
  const job = quarantineJob(world);
  await again(world, job);
  for (const { vaultObject } of allRecords(world.room.vault)) {
    rmSync(path.join(world.room.vault, `${vaultObject}.json`));
  }
  expect(await tidy(world.room, [])).toHaveLength(1);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done' }]);
  expect(existsSync(path.join(world.files, 'a'))).toBe(true);
});

test('what was given up half done is put back before the agent’s next task', async () => {
  using world = await vaultWorld();
  writeFileSync(path.join(world.files, 'a'), content);
  const job = quarantineJob(world);
  await again(world, job);
  const [record] = allRecords(world.room.vault);
  expect(record?.progress.state).toBe('held');
  expect(await tidy(world.room, [])).toEqual([]);
  await expectTruth(world, 'vaulted');
});
