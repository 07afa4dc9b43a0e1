import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { capture } from '#agent/operations/capture.ts';
import { pathOf, vaultWorld } from './vault-world.ts';

test('the agent sends nothing out of its own directories, where its keys are, whoever orders it', async () => {
  using world = await vaultWorld();
  const key = path.join(world.room.vault, 'identity.json');
  writeFileSync(key, 'a private key', { mode: 0o600 });
  const spool = path.join(world.base, 'spool');
  mkdirSync(spool);
  const target = { file: path.join(spool, 'bytes'), spool };
  const wanted = { path: pathOf(key), vaultObject: null, indexedSha256: null };
  expect(await capture(world.room, wanted, target)).toMatchObject({ outcome: 'refused', reason: 'protected_file' });
  expect(existsSync(target.file)).toBe(false);
  expect(readdirSync(spool)).toEqual([]);
});
