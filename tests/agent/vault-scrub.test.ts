import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { VaultRoom } from '#agent/operations/room.ts';
import { allObjects, recordOf, writeRecord } from '#agent/vault/record.ts';
import { scrubVault } from '#agent/vault/scrub.ts';
import { readScrubLog, replaceScrubLog } from '#agent/vault/scrub-log.ts';
import { day } from '#core/time.ts';
import { hold, type Sealed } from './sealed-object.ts';
import { type VaultWorld, vaultWorld } from './vault-world.ts';

/** The room at a time of the test's choosing. */
function at(world: VaultWorld, time: number, progress: () => void = () => undefined): VaultRoom {
  return { ...world.room, clock: { now: () => time }, progress };
}

function damage({ file }: Sealed): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

const start = 1_790_000_000_000;

test('every damaged object is named, whatever is wrong with it, and nothing in the vault is changed', async () => {
  using world = await vaultWorld();
  using other = await vaultWorld();
  const held: Sealed[] = [];
  for (let count = 0; count < 6; count += 1) {
    held.push(await hold(world, randomBytes(50_000 * count)));
  }
  const [flipped, cut, empty, swapped, foreign, good] = held;
  if (!(flipped && cut && empty && swapped && foreign && good)) {
    throw new Error('The vault was not filled.');
  }
  damage(flipped);
  writeFileSync(cut.file, readFileSync(cut.file).subarray(0, -1));
  writeFileSync(empty.file, '');
  copyFileSync(good.file, swapped.file);
  copyFileSync((await hold(other, randomBytes(10))).file, foreign.file);
  const before = contentsOf(world);
  const { checked, damaged } = await scrubVault(at(world, start));
  expect(checked).toBe(6);
  expect(damaged.toSorted()).toEqual(
    [flipped, cut, empty, swapped, foreign].map(({ metadata }) => metadata.vaultObject).toSorted(),
  );
  expect(contentsOf(world)).toEqual(before);
});

function contentsOf({ room: { vault } }: VaultWorld): readonly (readonly [string, string])[] {
  return readdirSync(vault)
    .filter((name) => !name.startsWith('scrub.'))
    .toSorted()
    .map((name) => [name, readFileSync(path.join(vault, name), 'base64')] as const);
}

test('what was found good is left alone for a week; what was damaged is looked at every time', async () => {
  using world = await vaultWorld();
  const [one, other] = [await hold(world, randomBytes(100)), await hold(world, randomBytes(100))];
  damage(other);
  const damaged = [other.metadata.vaultObject];
  expect(await scrubVault(at(world, start))).toEqual({ checked: 2, damaged });
  expect(await scrubVault(at(world, start + day))).toEqual({ checked: 1, damaged });
  expect(await scrubVault(at(world, start + 7 * day))).toEqual({ checked: 2, damaged });
  expect(await scrubVault(at(world, start - day))).toEqual({ checked: 2, damaged });
  rmSync(other.file);
  expect(await scrubVault(at(world, start - day))).toEqual({ checked: 0, damaged: [] });
  expect([...readScrubLog(world.room.vault).keys()]).toEqual([one.metadata.vaultObject]);
});

/** A room whose scrub is cut off when it begins to read one object more than these. */
function stoppedAfter(world: VaultWorld, objects: number, time: number): VaultRoom {
  let chunks = 0;
  return at(world, time, () => {
    chunks += 1;
    if (chunks > objects) {
      throw new Error('killed');
    }
  });
}

test('a scrub that was stopped goes on where it was', async () => {
  using world = await vaultWorld();
  const held: Sealed[] = [];
  for (let count = 0; count < 5; count += 1) {
    held.push(await hold(world, randomBytes(1_000)));
  }
  await expect(scrubVault(stoppedAfter(world, 3, start))).rejects.toThrow('killed');
  expect(readScrubLog(world.room.vault).size).toBe(3);
  // As a crash leaves it: the last line is cut short.
  appendFileSync(path.join(world.room.vault, 'scrub.log'), held[4]?.metadata.vaultObject.slice(0, 20) ?? '');
  expect(await scrubVault(at(world, start + day))).toEqual({ checked: 2, damaged: [] });
  const times = held.map(({ metadata }) => readScrubLog(world.room.vault).get(metadata.vaultObject)?.at);
  expect(times.toSorted()).toEqual([start, start, start, start + day, start + day]);
});

test('what has waited longest is read first, and what was never read before everything else', async () => {
  using world = await vaultWorld();
  for (let count = 0; count < 5; count += 1) {
    await hold(world, randomBytes(1_000));
  }
  const [never, ...read] = allObjects(world.room.vault).toReversed();
  const checks = read.map((id, index) => [id, { at: start + (index + 1) * 1_000, damaged: false }] as const);
  replaceScrubLog(world.room.vault, new Map(checks));
  await expect(scrubVault(stoppedAfter(world, 3, start + 9 * day))).rejects.toThrow('killed');
  const again = [...readScrubLog(world.room.vault)].filter(([, { at: time }]) => time === start + 9 * day);
  const longest = [never, ...read.slice(0, 2)].flatMap((id) => id ?? []);
  expect(again.map(([id]) => id).toSorted()).toEqual(longest.toSorted());
});

test('what the vault does not hold is passed over, also when it leaves while it is read', async () => {
  using world = await vaultWorld();
  const taking = await hold(world, randomBytes(10));
  const gone = await hold(world, randomBytes(10));
  const leaving = await hold(world, randomBytes(200_000));
  damage(leaving);
  const none = { device: '0', inode: '0' };
  writeRecord(world.room.vault, recordOf(taking.metadata, { state: 'taking', stage: none, original: none }));
  rmSync(gone.file);
  const purged = recordOf(leaving.metadata, { state: 'purged', taskId: leaving.metadata.taskId, at: start });
  const result = await scrubVault(at(world, start, () => writeRecord(world.room.vault, purged)));
  expect(result).toEqual({ checked: 0, damaged: [] });
});

test('it says that it moves, and leaves the disk to others for a while', async () => {
  using world = await vaultWorld();
  await hold(world, randomBytes(4 * 1024 * 1024));
  let calls = 0;
  const started = performance.now();
  await scrubVault(
    at(world, start, () => {
      calls += 1;
    }),
  );
  expect(calls).toBeGreaterThanOrEqual(64);
  // Four rests of 20 ms, however fast or slow the machine is.
  expect(performance.now() - started).toBeGreaterThan(75);
});
