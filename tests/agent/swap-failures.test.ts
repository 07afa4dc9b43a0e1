import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import type { VaultRoom } from '#agent/operations/room.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { allRecords } from '#agent/vault/record.ts';
import { quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'the file that comes back\n';
const sha256 = sha256Of(content);
const occupant = 'what stands in its place\n';

/** A world whose vault holds `a`, with something else in its place. */
async function occupiedWorld() {
  const world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  expect(await quarantine(world.room, quarantineOf(file, sha256))).toMatchObject({ outcome: 'done' });
  writeFileSync(file, occupant);
  return { world, file };
}

function heldHashes(world: VaultWorld): readonly string[] {
  return allRecords(world.room.vault).flatMap((each) => (each.progress.state === 'held' ? [each.sha256] : []));
}

/** Nothing that was built in a staging directory can leave it. Who tries for ever ends the run, not only the test. */
function unwilling(room: VaultRoom): VaultRoom {
  let tries = 0;
  const move: Platform['move'] = (from, to) => {
    if (!Buffer.from(room.platform.pathOf(from.directory)).includes('.custody-return-')) {
      room.platform.move(from, to);
      return;
    }
    tries += 1;
    if (tries > 100) {
      process.exit(1);
    }
    throw Object.assign(new Error('injected'), { code: 'EIO' });
  };
  return { ...room, platform: { ...room.platform, move } };
}

test('where neither the file nor the occupant can go to the place, the vault has both and the ends say so', async () => {
  const { world } = await occupiedWorld();
  using _ = world;
  const endings = await restore(unwilling(world.room), restoreOf(sha256, { ifOccupied: 'swap' }));
  expect(endings).toMatchObject([
    { outcome: 'interrupted', sha256 },
    { outcome: 'done', effect: 'taken', sha256: sha256Of(occupant) },
  ]);
  expect([readdirSync(world.files), heldHashes(world)]).toEqual([[], [sha256, sha256Of(occupant)]]);
});

test('a later run of a swap that can build no copy puts back what an earlier one took', async () => {
  const { world, file } = await occupiedWorld();
  using _ = world;
  const job = restoreOf(sha256, { ifOccupied: 'swap' });
  await restore(unwilling(world.room), job);
  const endings = await restore({ ...world.room, platform: fullOnce(world.room.platform) }, job);
  expect(endings).toMatchObject([{ outcome: 'no_space', sha256 }]);
  expect([readFileSync(file, 'utf8'), heldHashes(world)]).toEqual([occupant, [sha256]]);
});

test('a later run of a swap that can do nothing says what an earlier one took', async () => {
  const { world } = await occupiedWorld();
  using _ = world;
  const job = restoreOf(sha256, { ifOccupied: 'swap' });
  await restore(unwilling(world.room), job);
  const full = { ...world.room.platform, freeBytes: () => 0 };
  expect(await restore({ ...world.room, platform: full }, job)).toMatchObject([
    { outcome: 'no_space', sha256 },
    { outcome: 'done', effect: 'taken', sha256: sha256Of(occupant) },
  ]);
});

function fullOnce(platform: Platform): Platform {
  let isFull = true;
  const freeBytes: Platform['freeBytes'] = (directory) => {
    const bytes = isFull ? 0 : platform.freeBytes(directory);
    isFull = false;
    return bytes;
  };
  return { ...platform, freeBytes };
}
