import { expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { quarantine } from '#agent/operations/quarantine.ts';
import { verifyObject } from '#agent/vault/object.ts';
import { objectFile, vaultObjectOf } from '#agent/vault/record.ts';
import { newTask, pathOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const content = 'x'.repeat(70_000);

async function objectIn(world: VaultWorld): Promise<string> {
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const taskId = newTask();
  await quarantine(world.room, { taskId, path: pathOf(file), sha256: sha256Of(content), settle: false });
  return objectFile(world.room.vault, vaultObjectOf(taskId));
}

test('no flipped bit, cut or added byte anywhere in an object goes unnoticed', async () => {
  using world = await vaultWorld();
  const file = await objectIn(world);
  const good = readFileSync(file);
  const { identity } = world.room.keys;
  expect((await verifyObject(file, identity, () => undefined)).sha256).toBe(sha256Of(content));
  const damage = fc.record({
    at: fc.nat(good.length - 1),
    bit: fc.integer({ min: 0, max: 7 }),
    kind: fc.constantFrom('flip', 'cut', 'add'),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, bit, kind }) => {
      const bad = kind === 'cut' ? good.subarray(0, at) : Buffer.concat([good, Buffer.alloc(kind === 'add' ? 1 : 0)]);
      if (kind === 'flip') {
        bad[at] = (bad[at] ?? 0) ^ (1 << bit);
      }
      writeFileSync(file, bad);
      await expect(verifyObject(file, identity, () => undefined)).rejects.toThrow();
    }),
    { numRuns: 200 },
  );
});

test('the device’s key and the recovery key open an object, and another device’s key does not', async () => {
  using world = await vaultWorld();
  using other = await vaultWorld();
  const file = await objectIn(world);
  const open = async (identity: string) => (await verifyObject(file, identity, () => undefined)).size;
  expect(await open(world.room.keys.identity)).toBe(content.length);
  expect(await open(world.recoveryIdentity)).toBe(content.length);
  await expect(open(other.room.keys.identity)).rejects.toThrow('no identity matched');
});

test.each([
  ['more recipients than there can be', `age-encryption.org/v1\n${'-> X25519 a\nb\n'.repeat(9)}--- mac\n`],
  ['a header without an end', `age-encryption.org/v1\n-> X25519 ${'a'.repeat(20_000)}\n`],
  ['no header', 'nothing of the kind'],
  ['nothing', ''],
])('a file with %s is refused before it is parsed', async (_, text) => {
  using world = await vaultWorld();
  const file = path.join(world.base, 'object');
  writeFileSync(file, text);
  await expect(verifyObject(file, world.room.keys.identity, () => undefined)).rejects.toThrow(
    'no age header within the limits',
  );
});
