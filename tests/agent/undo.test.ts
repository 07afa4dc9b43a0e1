import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { purge } from '#agent/operations/purge.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import type { UndoJob } from '#agent/operations/quarantine-job.ts';
import { restore } from '#agent/operations/restore.ts';
import { undo } from '#agent/operations/undo.ts';
import { allObjects, allRecords, objectFile, vaultObjectOf, writeRecord } from '#agent/vault/record.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { newTask, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'the same bytes in many places\n';
const sha256 = sha256Of(content);

function undoOf(undoes: TaskId, overrides: Partial<UndoJob> = {}): UndoJob {
  return { taskId: newTask(), undoes, ifOccupied: 'fail', settle: false, ...overrides };
}

function fileOf(world: VaultWorld, name: string): string {
  return path.join(world.files, name);
}

/** One task that takes each of these files, with these bytes. */
async function take(world: VaultWorld, names: readonly string[], bytes = content): Promise<TaskId> {
  const taskId = newTask();
  for (const name of names) {
    writeFileSync(fileOf(world, name), bytes);
    const job = quarantineOf(fileOf(world, name), sha256Of(bytes), { taskId });
    expect(await quarantine(world.room, job)).toMatchObject({ outcome: 'done' });
  }
  return taskId;
}

test('everything that a task took comes back, and nothing that another one took, with the same bytes or others', async () => {
  using world = await vaultWorld();
  const first = await take(world, ['a', 'b', 'c']);
  const second = await take(world, ['d']);
  const ownDigest = quarantineOf(fileOf(world, 'e'), sha256, { taskId: first });
  writeFileSync(fileOf(world, 'e'), 'whatever stood there');
  await quarantine(world.room, { ...ownDigest, sha256: null });
  const endings = await undo(world.room, undoOf(first));
  expect(endings.map(({ outcome, effect }) => [outcome, effect])).toEqual(Array(4).fill(['done', 'returned']));
  expect(readdirSync(world.files).toSorted()).toEqual(['a', 'b', 'c', 'e']);
  expect(readFileSync(fileOf(world, 'a'), 'utf8')).toBe(content);
  expect(readFileSync(fileOf(world, 'e'), 'utf8')).toBe('whatever stood there');
  const held = allRecords(world.room.vault).filter(({ progress }) => progress.state === 'held');
  expect(held.map(({ taskId }) => taskId)).toEqual([second]);
});

test('an undo that is repeated says so, by the same task or by another, and where the file is gone since', async () => {
  using world = await vaultWorld();
  const taken = await take(world, ['a']);
  const job = undoOf(taken);
  expect(await undo(world.room, job)).toMatchObject([{ outcome: 'done' }]);
  expect(await undo(world.room, job)).toMatchObject([{ outcome: 'done', effect: 'returned' }]);
  expect(await undo(world.room, undoOf(taken))).toMatchObject([{ outcome: 'already_done', effect: 'returned' }]);
  writeFileSync(fileOf(world, 'a'), 'other bytes');
  expect(await undo(world.room, undoOf(taken))).toMatchObject([{ outcome: 'not_found', effect: 'returned' }]);
  expect(readFileSync(fileOf(world, 'a'), 'utf8')).toBe('other bytes');
});

test('what a restore or a purge had before is said truly', async () => {
  using world = await vaultWorld();
  const taken = await take(world, ['a']);
  const other = await take(world, ['b'], 'other bytes');
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done' }]);
  expect(await undo(world.room, undoOf(taken))).toMatchObject([{ outcome: 'already_done' }]);
  const gone = { taskId: newTask(), sha256: sha256Of('other bytes'), vaultObject: null, settle: false };
  expect(await purge(world.room, gone)).toMatchObject([{ outcome: 'done' }]);
  expect(await undo(world.room, undoOf(other))).toMatchObject([
    { outcome: 'not_found', effect: 'purged', message: expect.stringContaining('deleted from the vault for good') },
  ]);
});

test('an order that took nothing is named by no file, and changes nothing', async () => {
  using world = await vaultWorld();
  await take(world, ['a']);
  const [ending, ...more] = await undo(world.room, undoOf(newTask()));
  expect(more).toEqual([]);
  expect(ending).toMatchObject({ outcome: 'not_found', path: null, sha256: null, vaultObject: null, effect: null });
  expect(readdirSync(world.files)).toEqual([]);
});

test('something in a file’s place is left alone, put beside, or goes into the vault, and other files come back all the same', async () => {
  using world = await vaultWorld();
  const taken = await take(world, ['a', 'b']);
  writeFileSync(fileOf(world, 'a'), 'an occupant');
  const refused = await undo(world.room, undoOf(taken));
  expect(refused.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['conflict', 'occupied'],
    ['done', null],
  ]);
  expect(readFileSync(fileOf(world, 'a'), 'utf8')).toBe('an occupant');
  const swapped = await undo(world.room, undoOf(taken, { ifOccupied: 'swap' }));
  expect(swapped.map(({ outcome, effect }) => [outcome, effect])).toEqual([
    ['done', 'returned'],
    ['done', 'taken'],
    ['already_done', 'returned'],
  ]);
  expect(readFileSync(fileOf(world, 'a'), 'utf8')).toBe(content);
});

test('a file that a quarantine left half taken is settled first, and is where it was', async () => {
  using world = await vaultWorld();
  const taken = await take(world, ['a']);
  const object = vaultObjectOf(taken, pathOf(fileOf(world, 'a')));
  const [record] = allRecords(world.room.vault);
  const nowhere = { device: '0', inode: '0' };
  // As a child leaves it that is killed between the object and the word that it is held.
  writeRecord(world.room.vault, {
    ...(record ?? expect.unreachable()),
    progress: { state: 'taking', stage: nowhere, original: nowhere },
  });
  expect(existsSync(objectFile(world.room.vault, object))).toBe(true);
  expect(await undo(world.room, undoOf(taken))).toMatchObject([{ outcome: 'done', effect: 'returned' }]);
  expect(readFileSync(fileOf(world, 'a'), 'utf8')).toBe(content);
  expect(allObjects(world.room.vault)).toEqual([]);
});

test('a file that never left its place while it was being taken is there, and says so', async () => {
  using world = await vaultWorld();
  const taken = await take(world, ['a']);
  const [record] = allRecords(world.room.vault);
  writeFileSync(fileOf(world, 'a'), content);
  const { ino, dev } = await Bun.file(fileOf(world, 'a')).stat();
  writeRecord(world.room.vault, {
    ...(record ?? expect.unreachable()),
    progress: {
      ...{ state: 'taking', stage: { device: '0', inode: '0' } },
      original: { device: String(dev), inode: String(ino) },
    },
  });
  expect(await undo(world.room, undoOf(taken))).toMatchObject([{ outcome: 'already_done', vaultObject: null }]);
  expect(readFileSync(fileOf(world, 'a'), 'utf8')).toBe(content);
  expect([allObjects(world.room.vault), allRecords(world.room.vault)]).toEqual([[], []]);
});
