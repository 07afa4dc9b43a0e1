import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { allObjects, allRecords } from '#agent/vault/record.ts';
import { displayPath } from '#core/file/file-path.ts';
import { reportedFileSchema } from '#wire/report.ts';
import { pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const content = 'the file that comes back\n';
const sha256 = sha256Of(content);
const someone = 1234;

/** A world whose vault holds the file `name`. */
async function heldWorld(name = 'a.tar.gz', mode = 0o644) {
  const world = await vaultWorld();
  const file = path.join(world.files, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  const taken = await quarantine(world.room, quarantineOf(file, sha256));
  expect(taken).toMatchObject({ outcome: 'done', effect: 'taken' });
  return { world, file, taken };
}

function heldHashes(world: VaultWorld): readonly string[] {
  return allRecords(world.room.vault).flatMap((each) => (each.progress.state === 'held' ? [each.sha256] : []));
}

test('a file comes back to another path, says where it was, and without its privilege bits', async () => {
  const { world, file } = await heldWorld('a', 0o4755);
  using _ = world;
  const other = path.join(world.base, 'elsewhere');
  mkdirSync(other);
  const to = path.join(other, 'b');
  const endings = await restore(world.room, restoreOf(sha256, { to: pathOf(to) }));
  expect(endings).toMatchObject([
    { outcome: 'done', effect: 'returned', path: pathOf(to), details: { originalPath: file } },
  ]);
  expect(endings[0]?.losses).toEqual(isRoot ? ['mode 4755 became 755'] : expect.anything());
  expect(readFileSync(to, 'utf8')).toBe(content);
  expect([readdirSync(world.files), readdirSync(other), allObjects(world.room.vault)]).toEqual([[], ['b'], []]);
});

test('where a file was can be told however long its path is, and none of it text', async () => {
  using world = await vaultWorld();
  const name = Buffer.alloc(250, 0xff);
  let file = Buffer.from(world.files);
  for (let depth = 0; depth < 5; depth += 1) {
    file = Buffer.concat([file, Buffer.from('/'), name]);
    mkdirSync(file);
  }
  file = Buffer.concat([file, Buffer.from('/a')]);
  writeFileSync(file, content);
  await quarantine(world.room, quarantineOf(file, sha256));
  const endings = await restore(world.room, restoreOf(sha256, { to: pathOf(path.join(world.files, 'b')) }));
  const [reported] = endings.map((each, ordinal) => reportedFileSchema.parse({ ...each, ordinal }));
  expect(reported).toMatchObject({ outcome: 'done', details: { originalPath: displayPath(file) } });
});

test.if(isRoot)(
  'a path that an order names gives no privilege bits back, in the very same directory neither',
  async () => {
    const { world } = await heldWorld('a', 0o4755);
    using _ = world;
    const to = path.join(world.files, 'b');
    expect(await restore(world.room, restoreOf(sha256, { to: pathOf(to) }))).toMatchObject([
      { outcome: 'done', losses: ['mode 4755 became 755'] },
    ]);
    expect(statSync(to).mode & 0o7777).toBe(0o755);
  },
);

test('another path is not reached through an unsafe link, and the agent’s own directories take nothing', async () => {
  const { world } = await heldWorld();
  using _ = world;
  chmodSync(world.base, 0o777);
  symlinkSync(world.files, path.join(world.base, 'link'));
  const through = restoreOf(sha256, { to: pathOf(path.join(world.base, 'link', 'x')) });
  expect(await restore(world.room, through)).toMatchObject([{ outcome: 'access_denied', reason: 'unsafe_path' }]);
  const own = restoreOf(sha256, { to: pathOf(path.join(world.room.vault, 'x')) });
  expect(await restore(world.room, own)).toMatchObject([{ outcome: 'refused', reason: 'protected_file' }]);
  const none = restoreOf(sha256, { to: pathOf(path.join(world.base, 'no', 'x')) });
  expect(await restore(world.room, none)).toMatchObject([{ outcome: 'parent_missing' }]);
  expect(heldHashes(world)).toEqual([sha256]);
});

test('one of several copies is restored where the order names it, and only one can go to another path', async () => {
  using world = await vaultWorld();
  for (const name of ['1', '2']) {
    writeFileSync(path.join(world.files, name), content);
    await quarantine(world.room, quarantineOf(path.join(world.files, name), sha256));
  }
  const to = pathOf(path.join(world.files, 'x'));
  expect(await restore(world.room, restoreOf(sha256, { to }))).toMatchObject([
    { outcome: 'conflict' },
    { outcome: 'conflict' },
  ]);
  const second = allRecords(world.room.vault).find((each) => Buffer.from(each.path).toString().endsWith('/2'));
  expect(await restore(world.room, restoreOf(sha256, { vaultObject: second?.vaultObject ?? null }))).toHaveLength(1);
  expect(readdirSync(world.files)).toEqual(['2']);
});

test('where the name is taken a file can be kept beside it, under a name that says when, over nothing', async () => {
  const { world, file } = await heldWorld();
  using _ = world;
  const clock = { now: () => Date.UTC(2026, 10, 22, 21, 40, 5) };
  writeFileSync(file, 'newer');
  writeFileSync(path.join(world.files, 'a.tar (restored 2026-11-22 21.40.05).gz'), 'taken too');
  const [ending] = await restore({ ...world.room, clock }, restoreOf(sha256, { ifOccupied: 'keep_both' }));
  const beside = path.join(world.files, 'a.tar (restored 2026-11-22 21.40.05 2).gz');
  expect(ending).toMatchObject({ outcome: 'done', path: pathOf(beside), details: { originalPath: file } });
  expect([readFileSync(file, 'utf8'), readFileSync(beside, 'utf8')]).toEqual(['newer', content]);
  expect(readdirSync(world.files)).toHaveLength(3);
});

test('a name of 255 bytes has room for the words, and its extension stays', async () => {
  const { world, file } = await heldWorld(`${'x'.repeat(251)}.exe`);
  using _ = world;
  writeFileSync(file, 'newer');
  await restore(world.room, restoreOf(sha256, { ifOccupied: 'keep_both' }));
  const beside = readdirSync(world.files).find((name) => name.includes('(restored '));
  expect([beside?.length, beside?.endsWith(').exe')]).toEqual([255, true]);
});

test('by swap the occupant goes into the vault with the same care, and each has its own end', async () => {
  const { world, file } = await heldWorld();
  using _ = world;
  writeFileSync(file, 'the occupant', { mode: 0o640 });
  const [main, occupant] = await restore(world.room, restoreOf(sha256, { ifOccupied: 'swap' }));
  expect(main).toMatchObject({ outcome: 'done', effect: 'returned', sha256 });
  expect(occupant).toMatchObject({ outcome: 'done', effect: 'taken', sha256: sha256Of('the occupant') });
  expect(main?.details.displaced).toBe(occupant?.vaultObject ?? undefined);
  expect([readFileSync(file, 'utf8'), heldHashes(world)]).toEqual([content, [sha256Of('the occupant')]]);
  rmSync(file);
  expect(await restore(world.room, restoreOf(sha256Of('the occupant')))).toMatchObject([{ outcome: 'done' }]);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['the occupant', 0o640]);
});

test('an occupant with the very same bytes is swapped too, and a second run says the same', async () => {
  const { world, file } = await heldWorld();
  using _ = world;
  writeFileSync(file, content);
  const job = restoreOf(sha256, { ifOccupied: 'swap' });
  const first = await restore(world.room, job);
  expect(first).toMatchObject([{ effect: 'returned' }, { effect: 'taken' }]);
  expect(await restore(world.room, job)).toEqual(first);
});

test('an occupant that cannot be taken stays, and the file stays in the vault', async () => {
  const { world, file } = await heldWorld();
  using _ = world;
  mkdirSync(file);
  const denied = { ...openPolicy, largestQuarantineBytes: 3 };
  const swap = () => restoreOf(sha256, { ifOccupied: 'swap' });
  expect(await restore(world.room, swap())).toMatchObject([
    { outcome: 'conflict', reason: 'occupied', sha256 },
    { outcome: 'unsupported', reason: 'special_file' },
  ]);
  rmSync(file, { recursive: true });
  writeFileSync(file, 'four');
  expect(await restore({ ...world.room, policy: denied }, swap())).toMatchObject([
    { outcome: 'conflict', reason: 'occupied' },
    { outcome: 'refused', reason: 'denied_by_policy', details: { rule: 'largest_quarantine' } },
  ]);
  expect([readdirSync(world.files), readFileSync(file, 'utf8'), heldHashes(world)]).toEqual([
    ['a.tar.gz'],
    'four',
    [sha256],
  ]);
});

test('when a swap fails after the occupant was taken, the occupant is back in its place', async () => {
  const { world, file } = await heldWorld();
  using _ = world;
  writeFileSync(file, 'the occupant');
  const { platform } = world.room;
  let moves = 0;
  const move: Platform['move'] = (from, to) => {
    moves += 1;
    if (moves === 2) {
      throw Object.assign(new Error('injected'), { code: 'EIO' });
    }
    platform.move(from, to);
  };
  const job = restoreOf(sha256, { ifOccupied: 'swap' });
  const endings = await restore({ ...world.room, platform: { ...platform, move } }, job);
  expect(endings).toMatchObject([{ outcome: 'interrupted', reason: 'mount_dead', sha256 }]);
  expect([readFileSync(file, 'utf8'), readdirSync(world.files)]).toEqual(['the occupant', ['a.tar.gz']]);
  expect(heldHashes(world)).toEqual([sha256]);
  expect(await restore(world.room, job)).toMatchObject([{ effect: 'returned' }, { effect: 'taken' }]);
  expect(readFileSync(file, 'utf8')).toBe(content);
});

test.if(isRoot)('a directory that others could have made in place of the old one takes nothing back', async () => {
  using world = await vaultWorld();
  const directory = path.join(world.files, 'd');
  const file = path.join(directory, 'a');
  mkdirSync(directory);
  writeFileSync(file, content);
  await quarantine(world.room, quarantineOf(file, sha256));
  renameSync(directory, `${directory}.old`);
  mkdirSync(directory);
  chownSync(directory, someone, someone);
  expect(await restore(world.room, restoreOf(sha256))).toMatchObject([
    { outcome: 'conflict', reason: 'parent_changed' },
  ]);
  expect([readdirSync(directory), heldHashes(world)]).toEqual([[], [sha256]]);
  expect(await restore(world.room, restoreOf(sha256, { to: pathOf(file) }))).toMatchObject([{ outcome: 'done' }]);
});

test.if(isRoot)(
  'the same directory serves, whoever owns it; privilege bits need the whole way to be safe',
  async () => {
    using world = await vaultWorld();
    const directory = path.join(world.files, 'd');
    const file = path.join(directory, 'a');
    mkdirSync(directory);
    chownSync(directory, someone, someone);
    for (const [owner, mode] of [
      [0, 0o755],
      [someone, 0o4755],
    ] as const) {
      writeFileSync(file, content);
      chownSync(file, owner, owner);
      chmodSync(file, 0o4755);
      await quarantine(world.room, quarantineOf(file, sha256));
      expect(await restore(world.room, restoreOf(sha256))).toMatchObject([{ outcome: 'done' }]);
      expect([owner, statSync(file).mode & 0o7777]).toEqual([owner, mode]);
      rmSync(file);
    }
  },
);

test.if(isRoot)(
  'a way that was moved is not the identical one: the file comes back without its privilege bits',
  async () => {
    using world = await vaultWorld();
    const [above, moved] = [path.join(world.files, 'above'), path.join(world.files, 'moved')];
    mkdirSync(path.join(above, 'd'), { recursive: true });
    const file = path.join(above, 'd', 'a');
    writeFileSync(file, content);
    chmodSync(file, 0o2755);
    expect(spawnSync('setcap', ['cap_net_raw+ep', file]).status).toBe(0);
    await quarantine(world.room, quarantineOf(file, sha256));
    renameSync(above, moved);
    mkdirSync(above);
    renameSync(path.join(moved, 'd'), path.join(above, 'd'));
    const [ending] = await restore(world.room, restoreOf(sha256));
    expect(ending).toMatchObject({ outcome: 'done' });
    expect(ending?.losses.toSorted()).toEqual(['capabilities were not given back', 'mode 2755 became 755']);
  },
);

test('restores that come to nothing leave no vault object open', async () => {
  const { world } = await heldWorld();
  using _ = world;
  const { platform } = world.room;
  const full = { ...world.room, platform: { ...platform, freeBytes: () => 0 } };
  const openObjects = () =>
    readdirSync('/proc/self/fd').filter((each) => readLink(`/proc/self/fd/${each}`).startsWith(world.room.vault));
  expect(await restore(full, restoreOf(sha256))).toMatchObject([{ outcome: 'no_space' }]);
  expect(openObjects()).toEqual([]);
  const fails = () => {
    throw Object.assign(new Error('injected'), { code: 'EROFS' });
  };
  for (const broken of [{ createDirectory: fails }, { createFile: fails }]) {
    const room = { ...world.room, platform: { ...platform, ...broken } };
    expect(await restore(room, restoreOf(sha256))).toMatchObject([{ outcome: 'access_denied', reason: 'read_only' }]);
    expect([openObjects(), readdirSync(world.files)]).toEqual([[], []]);
  }
});

test('where a directory cannot be closed to others nothing is taken or brought back, and none is left', async () => {
  const { world } = await heldWorld();
  using _ = world;
  const { platform } = world.room;
  const createDirectory: Platform['createDirectory'] = (place) => {
    platform.createDirectory(place);
    chmodSync(Buffer.concat([platform.pathOf(place.directory), Buffer.from('/'), place.name]), 0o755);
  };
  const room = { ...world.room, platform: { ...platform, createDirectory } };
  const other = path.join(world.files, 'other');
  writeFileSync(other, 'other');
  const unsafe = { outcome: 'access_denied', reason: 'unsafe_path' };
  expect(await quarantine(room, quarantineOf(other, sha256Of('other')))).toMatchObject(unsafe);
  expect(await restore(room, restoreOf(sha256))).toMatchObject([unsafe]);
  expect([readdirSync(world.files), heldHashes(world)]).toEqual([['other'], [sha256]]);
});

function readLink(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

test('what the endpoint’s owner denies is not restored there', async () => {
  const { world, file } = await heldWorld();
  using _ = world;
  const rules = [{ name: 'keep-out', verbs: ['restore' as const], globs: [`${world.files}/**`] }];
  const endings = await restore({ ...world.room, policy: { ...openPolicy, rules } }, restoreOf(sha256));
  expect(endings).toMatchObject([{ outcome: 'refused', reason: 'denied_by_policy', details: { rule: 'keep-out' } }]);
  expect(existsSync(file)).toBe(false);
});
