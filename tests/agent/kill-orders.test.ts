import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Job } from '#agent/child/job.ts';
import { performVaultJob } from '#agent/child/vault-jobs.ts';
import { openIndex } from '#agent/inventory/index-file.ts';
import { scan } from '#agent/inventory/scan.ts';
import { quarantineCopies } from '#agent/operations/copies.ts';
import type { Ending } from '#agent/operations/ending.ts';
import { purge } from '#agent/operations/purge.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import { tidy } from '#agent/operations/tidy.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { verifyObject } from '#agent/vault/object.ts';
import { allObjects, allRecords, objectFile } from '#agent/vault/record.ts';
import { hasStrace, type KillPoint, killPoints, runKilled } from './killed-child.ts';
import { newTask, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const one = 'the file that the order is about\n'.repeat(50);
const other = 'another file, whose place it is\n'.repeat(50);
const sha256 = sha256Of(one);

type Order = Extract<Job, { kind: 'copies' | 'restore' | 'purge' }>;

interface Case {
  /** The world before the order, and the order. */
  prepare(world: VaultWorld): Promise<Order>;
  /** What must be somewhere, whole, at every moment. */
  readonly kept: readonly string[];
  /** What is where in the end. */
  readonly end: { readonly files: Readonly<Record<string, string>>; readonly held: readonly string[] };
  readonly outcomes: readonly string[];
  /** One point in so many is tried. */
  readonly every: number;
}

function vaultOf({ room: { vault, keys, own, policy } }: VaultWorld) {
  return { vault, keys, own: [...own], policy };
}

async function hold(world: VaultWorld): Promise<void> {
  const file = path.join(world.files, 'a');
  writeFileSync(file, one);
  await quarantine(world.room, quarantineOf(file, sha256));
}

const cases: Record<string, Case> = {
  'quarantine by hash': {
    async prepare(world) {
      for (const name of ['a', 'b', 'c']) {
        writeFileSync(path.join(world.files, name), name === 'c' ? other : one);
      }
      const database = path.join(world.base, 'inventory.sqlite');
      const index = openIndex(database);
      scan({ room: world.room, index, roots: [pathOf(world.files)], skip: [], watches: undefined });
      index.close();
      const asked = { taskId: newTask(), sha256, overrideProtection: false, database, except: [], settle: false };
      return { ...vaultOf(world), kind: 'copies', ...asked };
    },
    kept: [one, one, other],
    end: { files: { c: other }, held: [one, one] },
    outcomes: ['done', 'done'],
    every: 6,
  },
  'restore by swap': {
    async prepare(world) {
      await hold(world);
      writeFileSync(path.join(world.files, 'a'), other);
      return { ...vaultOf(world), kind: 'restore', ...restoreOf(sha256, { ifOccupied: 'swap' }) };
    },
    kept: [one, other],
    end: { files: { a: one }, held: [other] },
    outcomes: ['done', 'done'],
    every: 3,
  },
  'restore beside what has the name': {
    async prepare(world) {
      await hold(world);
      writeFileSync(path.join(world.files, 'a'), other);
      return { ...vaultOf(world), kind: 'restore', ...restoreOf(sha256, { ifOccupied: 'keep_both' }) };
    },
    kept: [one, other],
    end: { files: { a: other, 'a (restored': one }, held: [] },
    outcomes: ['done'],
    every: 3,
  },
  purge: {
    async prepare(world) {
      await hold(world);
      writeFileSync(path.join(world.files, 'c'), other);
      return { ...vaultOf(world), kind: 'purge', taskId: newTask(), sha256, vaultObject: null, settle: false };
    },
    kept: [other],
    end: { files: { c: other }, held: [] },
    outcomes: ['done'],
    every: 1,
  },
};

async function again(world: VaultWorld, order: Order, settle = false): Promise<readonly Ending[]> {
  switch (order.kind) {
    case 'copies':
      return await quarantineCopies(world.room, { ...order, settle }, () => undefined);
    case 'restore':
      return await restore(world.room, { ...order, settle });
    case 'purge':
      return purge(world.room, { ...order, settle });
  }
}

/** The contents of every complete copy, on disk under any name or in the vault. */
async function goodCopies(world: VaultWorld): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of readdirSync(world.files, { recursive: true, withFileTypes: true })) {
    found.push(...(entry.isFile() ? [readFileSync(path.join(entry.parentPath, entry.name), 'utf8')] : []));
  }
  return [...found, ...(await heldContents(world))];
}

async function heldContents({ room }: VaultWorld): Promise<readonly string[]> {
  const contents: string[] = [];
  for (const id of allObjects(room.vault)) {
    const metadata = await verifyObject(objectFile(room.vault, id), room.keys.identity, () => undefined).catch(
      () => null,
    );
    contents.push(...[one, other].filter((each) => metadata?.sha256 === sha256Of(each)));
  }
  return contents;
}

function missingFrom(found: readonly string[], kept: readonly string[]): readonly string[] {
  const left = [...found];
  return kept.filter((each) => {
    const at = left.indexOf(each);
    if (at !== -1) {
      left.splice(at, 1);
    }
    return at === -1;
  });
}

async function expectEnd(world: VaultWorld, { end }: Case): Promise<void> {
  const found = readdirSync(world.files).map((name) => [
    name.replace(/\(restored .*/, '(restored'),
    readFileSync(path.join(world.files, name), 'utf8'),
  ]);
  expect(Object.fromEntries(found)).toEqual(end.files);
  expect((await heldContents(world)).toSorted()).toEqual([...end.held].toSorted());
  const states = allRecords(world.room.vault).map(({ progress }) => progress.state);
  expect(states.filter((state) => state === 'held')).toHaveLength(end.held.length);
  expect(states.filter((state) => state === 'taking' || state === 'returning')).toEqual([]);
  expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.part'))).toEqual([]);
}

async function pointsOf(kind: Case): Promise<readonly KillPoint[]> {
  using world = await vaultWorld();
  return (await killPoints(await kind.prepare(world))).filter((_, index) => index % kind.every === 0);
}

describe.if(hasStrace)('a child that is killed', () => {
  test.each(Object.keys(cases))(
    'at any change that a %s makes loses nothing, and the next run ends truly',
    async (name) => {
      const kind = cases[name];
      if (kind === undefined) {
        throw new Error(name);
      }
      const points = await pointsOf(kind);
      expect(points.length).toBeGreaterThan(5);
      for (const point of points) {
        using world = await vaultWorld();
        const order = await kind.prepare(world);
        await runKilled(order, point);
        expect([point, missingFrom(await goodCopies(world), kind.kept)]).toEqual([point, []]);
        const endings = await again(world, order);
        expect({ point, ended: endings.map(({ outcome }) => String(outcome)) }).toEqual({
          point,
          ended: [...kind.outcomes],
        });
        expect([point, endings.flatMap(({ losses }) => losses)]).toEqual([point, []]);
        expect(await again(world, order)).toEqual(endings);
        await expectEnd(world, kind);
      }
    },
    240_000,
  );

  test('in a restore by swap that is then only settled has both files where the ends say', async () => {
    const kind = cases['restore by swap'];
    if (kind === undefined) {
      throw new Error('no such case');
    }
    for (const point of await pointsOf(kind)) {
      using world = await vaultWorld();
      const order = await kind.prepare(world);
      await runKilled(order, point);
      const endings = await again(world, order, true);
      expect([point, missingFrom(await goodCopies(world), kind.kept)]).toEqual([point, []]);
      const isBack = endings[0]?.effect === 'returned';
      expect([point, readFileSync(path.join(world.files, 'a'), 'utf8')]).toEqual([point, isBack ? one : other]);
      expect([point, await heldContents(world)]).toEqual([point, [isBack ? other : one]]);
      expect(readdirSync(world.files)).toEqual(['a']);
    }
  }, 240_000);
});

describe.if(hasStrace)('an order that was given up', () => {
  test.each(['restore by swap', 'quarantine by hash'])(
    'in the middle of a %s is brought to rest before the next task',
    async (name) => {
      const kind = cases[name];
      if (kind === undefined) {
        throw new Error(name);
      }
      for (const point of (await pointsOf(kind)).filter((_, index) => index % 3 === 0)) {
        using world = await vaultWorld();
        await runKilled(await kind.prepare(world), point);
        await tidy(world.room, []);
        expect([point, missingFrom(await goodCopies(world), kind.kept)]).toEqual([point, []]);
        expect(await goodCopies(world)).toHaveLength(kind.kept.length);
        const states = allRecords(world.room.vault).map(({ progress }) => progress.state);
        expect([point, states.filter((state) => state === 'taking' || state === 'returning')]).toEqual([point, []]);
      }
    },
    240_000,
  );
});

test('a job of the vault is done through the child’s own door', async () => {
  using world = await vaultWorld();
  await hold(world);
  const { platform, progress, mayBegin } = world.room;
  const requests = new ReadableStream<unknown>();
  const room = { platform, clock: systemClock, progress, mayBegin, say: () => undefined, requests };
  const order = { ...vaultOf(world), kind: 'restore' as const, ...restoreOf(sha256) };
  expect(await performVaultJob(room, order)).toMatchObject({ type: 'endings', endings: [{ effect: 'returned' }] });
  const elsewhere = { ...room, platform: { ...platform, takesFiles: false } };
  expect(await performVaultJob(elsewhere, order)).toMatchObject({
    ...{ type: 'endings', endings: [{ outcome: 'unsupported', reason: 'platform' }] },
  });
  expect(existsSync(path.join(world.files, 'a'))).toBe(true);
});
