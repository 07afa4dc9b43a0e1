import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ChildRoom } from '#agent/child/child-room.ts';
import { performVaultJob, type VaultJob } from '#agent/child/vault-jobs.ts';
import { linux } from '#agent/platform/linux/linux.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { systemName } from '#agent/platform/system-name.ts';
import { newTask, pathOf, sha256Of, vaultWorld } from './vault-world.ts';

/** This machine's own calls, on a system whose agent was never shown to move files safely. */
const lookOnly: Platform = { ...linux, takesFiles: false };

test('where files are not taken, every order that would move one ends unsupported, and nothing is touched', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a.bin');
  writeFileSync(file, 'bytes');
  const sha256 = sha256Of('bytes');
  const { vault, keys, own, policy } = world.room;
  const common = { vault, keys, own: [...own], policy, taskId: newTask(), settle: false, sha256 };
  const database = path.join(world.base, 'inventory.sqlite');
  const jobs: VaultJob[] = [
    { ...common, kind: 'quarantine', path: pathOf(file), overrideProtection: false },
    { ...common, kind: 'copies', overrideProtection: true, database, except: [] },
    { ...common, kind: 'restore', vaultObject: null, to: null, ifOccupied: 'swap' },
    { ...common, kind: 'purge', vaultObject: null },
  ];
  const room: ChildRoom = {
    ...world.room,
    platform: lookOnly,
    say: () => undefined,
    clock: systemClock,
    requests: new ReadableStream(),
  };
  for (const job of jobs) {
    expect(await performVaultJob(room, job), job.kind).toMatchObject({
      type: 'endings',
      endings: [{ outcome: 'unsupported', reason: 'platform', sha256, effect: null }],
    });
  }
  const [answer] = [await performVaultJob(room, jobs[0] ?? { ...common, kind: 'purge', vaultObject: null })];
  expect(JSON.stringify(answer)).toContain(systemName());
  expect(readFileSync(file, 'utf8')).toBe('bytes');
  expect(readdirSync(vault)).toEqual([]);
  expect(readdirSync(world.files)).toEqual(['a.bin']);
});
