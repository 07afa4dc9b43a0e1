import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { purge } from '#agent/operations/purge.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import type { PurgeJob } from '#agent/operations/quarantine-job.ts';
import { restore } from '#agent/operations/restore.ts';
import { tidy } from '#agent/operations/tidy.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { allObjects, allRecords, objectFile, readRecord, type VaultRecord, writeRecord } from '#agent/vault/record.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { newTask, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'not wanted any more\n';
const sha256 = sha256Of(content);

function purgeOf(overrides: Partial<PurgeJob> = {}): PurgeJob {
  return { taskId: newTask(), sha256, vaultObject: null, settle: false, ...overrides };
}

/** The objects, oldest first. */
async function hold(world: VaultWorld, ...names: readonly string[]) {
  for (const name of names) {
    writeFileSync(path.join(world.files, name), content);
    await quarantine(world.room, quarantineOf(path.join(world.files, name), sha256));
  }
  return allRecords(world.room.vault).map(({ vaultObject }) => vaultObject);
}

test('every copy with the hash is deleted for good, once; a second order finds it deleted already', async () => {
  using world = await vaultWorld();
  await hold(world, 'a', 'b');
  const job = purgeOf();
  const endings = await purge(world.room, job);
  expect(endings).toMatchObject([
    { outcome: 'done', effect: 'purged', sha256 },
    { outcome: 'done', effect: 'purged', sha256 },
  ]);
  expect([allObjects(world.room.vault), readdirSync(world.files)]).toEqual([[], []]);
  expect(await purge(world.room, job)).toEqual(endings);
  expect(await purge(world.room, purgeOf())).toMatchObject([{ outcome: 'already_done' }, { outcome: 'already_done' }]);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'not_found' }]);
  expect(await purge(world.room, purgeOf({ sha256: sha256Of('x') }))).toMatchObject([{ outcome: 'not_found' }]);
});

test('only the object that the order names goes', async () => {
  using world = await vaultWorld();
  const [first, second] = await hold(world, 'a', 'b');
  expect(await purge(world.room, purgeOf({ vaultObject: second ?? null }))).toMatchObject([{ vaultObject: second }]);
  expect(allObjects(world.room.vault)).toEqual(first === undefined ? [] : [first]);
  const other = purgeOf({ vaultObject: first ?? null, sha256: sha256Of('another hash') });
  expect(await purge(world.room, other)).toMatchObject([{ outcome: 'not_found' }]);
});

test('of several objects that the order names each goes, whatever else has the hash stays, and what is not there is told', async () => {
  using world = await vaultWorld();
  const [first, second, third] = await hold(world, 'a', 'b', 'c');
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('The vault holds too little.');
  }
  const job = purgeOf({ vaultObject: [third, first] });
  const endings = await purge(world.room, job);
  expect(endings).toMatchObject([
    { outcome: 'done', effect: 'purged', vaultObject: third },
    { outcome: 'done', effect: 'purged', vaultObject: first },
  ]);
  expect(allObjects(world.room.vault)).toEqual([second]);
  // Killed before it was told, it says the same again; a later order says what became of each.
  expect(await purge(world.room, job)).toEqual(endings);
  const none = vaultObjectIdSchema.parse('ffffffff-ffff-ffff-ffff-ffffffffffff');
  expect(await purge(world.room, purgeOf({ vaultObject: [first, none] }))).toMatchObject([
    { outcome: 'already_done', vaultObject: first },
    { outcome: 'not_found', vaultObject: none },
  ]);
});

test('what is being taken or restored is never touched', async () => {
  using world = await vaultWorld();
  const [object] = await hold(world, 'a');
  const record = object && readRecord(world.room.vault, object);
  if (!record) {
    throw new Error('no record');
  }
  const node = { device: '1', inode: '2' };
  const bytes = readFileSync(objectFile(world.room.vault, record.vaultObject));
  const way = { taskId: newTask(), target: record.path, displaced: null, losses: [] };
  const onTheWay: VaultRecord['progress'][] = [
    { state: 'taking', stage: node, original: node },
    { state: 'returning', ...way, stage: node, copy: node },
  ];
  for (const progress of onTheWay) {
    writeRecord(world.room.vault, { ...record, progress });
    expect(await purge(world.room, purgeOf())).toMatchObject([{ outcome: 'in_use', effect: null }]);
    expect(readFileSync(objectFile(world.room.vault, record.vaultObject))).toEqual(bytes);
  }
});

test('the owner’s policy keeps a vault from being purged, and a run that only settles begins nothing', async () => {
  using world = await vaultWorld();
  await hold(world, 'a');
  const rules = [{ name: 'keep-evidence', verbs: ['purge' as const], globs: [] }];
  expect(await purge({ ...world.room, policy: { ...openPolicy, rules } }, purgeOf())).toMatchObject([
    { outcome: 'refused', reason: 'denied_by_policy', details: { rule: 'keep-evidence' } },
  ]);
  expect(await purge(world.room, purgeOf({ settle: true }))).toMatchObject([{ outcome: 'interrupted' }]);
  expect(allObjects(world.room.vault)).toHaveLength(1);
});

test('an object that a purge had no time to remove goes when the vault is tidied', async () => {
  using world = await vaultWorld();
  const [object] = await hold(world, 'a');
  const record = object && readRecord(world.room.vault, object);
  if (!record) {
    throw new Error('no record');
  }
  const progress = { state: 'purged', taskId: newTask(), at: 1 } as const;
  writeRecord(world.room.vault, { ...record, progress });
  await tidy(world.room, [progress.taskId]);
  expect(allObjects(world.room.vault)).toHaveLength(1);
  await tidy(world.room, []);
  expect(allObjects(world.room.vault)).toEqual([]);
});
