import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { capture } from '#agent/operations/capture.ts';
import type { Wanted } from '#agent/operations/captured.ts';
import { quarantine } from '#agent/operations/quarantine.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { allRecords, objectFile, readRecord, vaultObjectOf, writeRecord } from '#agent/vault/record.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { newTask, pathOf, quarantineOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'what is fetched\n';
const sha256 = sha256Of(content);

function want(world: VaultWorld, name: string, overrides: Partial<Wanted> = {}) {
  const spool = path.join(world.base, 'spool');
  mkdirSync(spool, { recursive: true });
  const target = { file: path.join(spool, 'bytes'), spool };
  rmSync(target.file, { force: true });
  const wanted = { path: pathOf(path.join(world.files, name)), vaultObject: null, indexedSha256: null, ...overrides };
  return { run: (room = world.room) => capture(room, wanted, target), target, spool };
}

async function hold(world: VaultWorld, name: string, text: string) {
  const file = path.join(world.files, name);
  writeFileSync(file, text);
  const { vaultObject } = await quarantine(world.room, quarantineOf(file, sha256Of(text)));
  return vaultObjectIdSchema.parse(vaultObject);
}

test('a file is fetched as it is now, and the hash that the server knew is told where it is another', async () => {
  using world = await vaultWorld();
  writeFileSync(path.join(world.files, 'a'), content);
  const same = want(world, 'a', { indexedSha256: sha256 });
  expect(await same.run()).toEqual({ sha256, size: content.length, changed: false, details: {} });
  const old = sha256Of('as it was');
  const other = want(world, 'a', { indexedSha256: old });
  expect(await other.run()).toMatchObject({ sha256, details: { indexedSha256: old } });
  expect(readFileSync(other.target.file, 'utf8')).toBe(content);
});

test('a file in the vault is fetched by its object, which stays, or by the path that it had', async () => {
  using world = await vaultWorld();
  const older = await hold(world, 'a', 'older');
  const newer = await hold(world, 'a', content);
  const byObject = want(world, 'elsewhere', { vaultObject: older });
  expect(await byObject.run()).toMatchObject({ sha256: sha256Of('older'), details: { fromVault: older } });
  expect(readFileSync(byObject.target.file, 'utf8')).toBe('older');
  expect(await want(world, 'a').run()).toMatchObject({ sha256, details: { fromVault: newer } });
  const known = want(world, 'a', { indexedSha256: sha256Of('older') });
  expect(await known.run()).toMatchObject({ sha256: sha256Of('older'), size: 5, details: { fromVault: older } });
  expect(allRecords(world.room.vault).map(({ progress }) => progress.state)).toEqual(['held', 'held']);
  writeFileSync(path.join(world.files, 'a'), 'a new one');
  expect(await want(world, 'a').run()).toMatchObject({ sha256: sha256Of('a new one'), details: {} });
  expect(await want(world, 'never').run()).toMatchObject({ outcome: 'not_found' });
});

test('a damaged object gives out nothing, and an object that the vault does not hold is not found', async () => {
  using world = await vaultWorld();
  const vaultObject = await hold(world, 'a', content.repeat(10_000));
  const file = objectFile(world.room.vault, vaultObject);
  const bytes = readFileSync(file);
  bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const wanted = want(world, 'a');
  expect(await wanted.run()).toMatchObject({ outcome: 'agent_error', reason: 'vault_damaged', vaultObject });
  expect(readdirSync(wanted.spool)).toEqual([]);
  const missing = want(world, 'a', { vaultObject: vaultObjectOf(newTask(), pathOf('/never')) });
  expect(await missing.run()).toMatchObject({ outcome: 'not_found', effect: null });
});

/** A room in which the file goes back just when the fetch has looked into the vault, as a restore that runs beside it may do. */
function roomOfRace(world: VaultWorld, goBack: () => void): VaultWorld['room'] {
  let isDone = false;
  return {
    ...world.room,
    get policy() {
      if (!isDone) {
        isDone = true;
        goBack();
      }
      return world.room.policy;
    },
  };
}

/** What a restore leaves in the vault. */
function leave({ room: { vault } }: VaultWorld, vaultObject: VaultObjectId): void {
  const record = readRecord(vault, vaultObject) ?? expect.unreachable();
  const { taskId, path: target } = record;
  rmSync(objectFile(vault, vaultObject));
  writeRecord(vault, {
    ...record,
    progress: { state: 'restored', taskId, target, at: 1, displaced: null, losses: [] },
  });
}

test('what goes back while it is fetched from the vault is fetched from its place, or not found there: nothing was lost', async () => {
  using world = await vaultWorld();
  const first = await hold(world, 'a', content);
  const byPath = want(world, 'a', { indexedSha256: sha256 });
  const goBack = () => {
    leave(world, first);
    writeFileSync(path.join(world.files, 'a'), content);
  };
  expect(await byPath.run(roomOfRace(world, goBack))).toMatchObject({ sha256, changed: false });
  expect(readFileSync(byPath.target.file, 'utf8')).toBe(content);

  const second = await hold(world, 'b', content);
  const byObject = want(world, 'b', { vaultObject: second });
  const raced = await byObject.run(roomOfRace(world, () => leave(world, second)));
  expect(raced).toMatchObject({ outcome: 'not_found', reason: null });
});

test('an object that somebody takes out of the vault is lost, also while its file is on its way back', async () => {
  using world = await vaultWorld();
  const { vault } = world.room;
  const held = await hold(world, 'a', content);
  const taken = roomOfRace(world, () => rmSync(objectFile(vault, held)));
  expect(await want(world, 'a').run(taken)).toMatchObject({ outcome: 'agent_error', reason: 'vault_damaged' });

  const returning = await hold(world, 'b', content);
  const record = readRecord(vault, returning) ?? expect.unreachable();
  const node = { device: '1', inode: '1' };
  const way = { taskId: record.taskId, target: record.path, displaced: null, stage: node, copy: node, losses: [] };
  writeRecord(vault, { ...record, progress: { state: 'returning', ...way } });
  rmSync(objectFile(vault, returning));
  const byObject = want(world, 'b', { vaultObject: returning });
  expect(await byObject.run()).toMatchObject({ outcome: 'agent_error', reason: 'vault_damaged' });
});

test('what the owner denies is not fetched: by its real place, by its size, or out of the vault', async () => {
  using world = await vaultWorld();
  writeFileSync(path.join(world.files, 'a'), content);
  await hold(world, 'b', content);
  const rules = [{ name: 'private', verbs: ['fetch' as const], globs: [`${world.files}/*`] }];
  for (const [name, policy, rule] of [
    ['a', { ...openPolicy, rules }, 'private'],
    ['b', { ...openPolicy, rules }, 'private'],
    ['a', { ...openPolicy, largestFetchBytes: 3 }, 'largest_fetch'],
    ['b', { ...openPolicy, largestFetchBytes: 3 }, 'largest_fetch'],
  ] as const) {
    const wanted = want(world, name);
    const ending = await wanted.run({ ...world.room, policy });
    expect(ending).toMatchObject({ outcome: 'refused', reason: 'denied_by_policy', details: { rule } });
    expect(readdirSync(wanted.spool)).toEqual([]);
  }
});

test('a file of holes takes no room in the spool, from its path or from the vault', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'holes');
  writeFileSync(file, 'x');
  truncateSync(file, 200 * 1024 * 1024);
  const wanted = want(world, 'holes');
  const captured = await wanted.run();
  expect(captured).toMatchObject({ size: 200 * 1024 * 1024 });
  expect(statSync(wanted.target.file).blocks * 512).toBeLessThan(1024 * 1024);
  await quarantine(world.room, quarantineOf(file, 'outcome' in captured ? sha256 : captured.sha256));
  const held = want(world, 'holes');
  expect(await held.run()).toMatchObject({ size: 200 * 1024 * 1024, sha256: captured.sha256 });
  expect(statSync(held.target.file).blocks * 512).toBeLessThan(1024 * 1024);
}, 30_000);

test('special files of every kind are refused at once', async () => {
  using world = await vaultWorld();
  const at = (name: string) => path.join(world.files, name);
  spawnSync('mkfifo', [at('fifo')]);
  symlinkSync('/etc/passwd', at('link'));
  mkdirSync(at('directory'));
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  const others = ['/dev/null', '/proc/self/status', '/proc/kmsg', '/sys/kernel/mm/transparent_hugepage/enabled'];
  try {
    for (const file of ['fifo', 'link', 'directory', 'socket'].map(at).concat(others)) {
      const refused = { outcome: 'unsupported', reason: 'special_file' };
      expect([file, await want(world, 'x', { path: pathOf(file) }).run()]).toMatchObject([file, refused]);
      expect([file, await quarantine(world.room, quarantineOf(file, sha256))]).toMatchObject([file, refused]);
    }
  } finally {
    server.close();
  }
});
