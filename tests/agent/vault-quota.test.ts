import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ended } from '#agent/operations/ending.ts';
import { demandQuota, vaultBytes } from '#agent/vault/quota.ts';
import { hold } from './sealed-object.ts';
import { type VaultWorld, vaultWorld } from './vault-world.ts';

function endingOf(world: VaultWorld, wanted: number, quota: number | null) {
  try {
    demandQuota(world.room.vault, wanted, quota);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Ended ? thrown.ending : thrown;
  }
}

test('what the objects take counts, and nothing else in the vault', async () => {
  using world = await vaultWorld();
  expect(vaultBytes(world.room.vault)).toBe(0);
  const one = await hold(world, randomBytes(10_000));
  const other = await hold(world, randomBytes(200_000));
  writeFileSync(path.join(world.room.vault, 'scrub.log'), randomBytes(5_000));
  expect(vaultBytes(world.room.vault)).toBe(statSync(one.file).size + statSync(other.file).size);
});

test('a file that would pass the quota is refused by name, one that fits is not, and nothing is dropped for either', async () => {
  using world = await vaultWorld();
  await hold(world, randomBytes(100_000));
  const used = vaultBytes(world.room.vault);
  const before = readdirSync(world.room.vault);
  const sealed = 65_536 + 16;
  expect(endingOf(world, 65_536, null)).toBeUndefined();
  expect(endingOf(world, 65_536, used + sealed)).toBeUndefined();
  expect(endingOf(world, 65_536, used + sealed - 1)).toMatchObject({ outcome: 'no_space', reason: 'vault_full' });
  expect(endingOf(world, 0, used)).toMatchObject({ outcome: 'no_space', reason: 'vault_full' });
  expect(endingOf(world, 1, 0)).toMatchObject({ message: expect.stringContaining(`quota of 0 bytes`), size: 1 });
  expect(readdirSync(world.room.vault)).toEqual(before);
});

test('a vault that was emptied has room again', async () => {
  using world = await vaultWorld();
  const { file } = await hold(world, randomBytes(100_000));
  expect(endingOf(world, 100_000, 150_000)).toBeDefined();
  rmSync(file);
  expect(endingOf(world, 100_000, 150_000)).toBeUndefined();
});
