import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quarantine } from '#agent/operations/quarantine.ts';
import type { Platform } from '#agent/platform/platform.ts';
import { openPolicy } from '#agent/policy/policy.ts';
import { allRecords } from '#agent/vault/record.ts';
import { hashOfFile, quarantineOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
/** Only root can make a link on the way to it. */
const trusted = '/var';
const content = 'a file\n';
const sha256 = sha256Of(content);

/** The same world on a machine where a package put `file` there, and which needs `critical`. */
function onMachine(world: VaultWorld, { packaged = '', critical = '' }) {
  const { platform } = world.room;
  const packageOf: Platform['packageOf'] = (file, digests) =>
    Buffer.from(file).toString() === packaged && digests.sha256 === sha256 ? 'some-package' : undefined;
  const isSystemCritical: Platform['isSystemCritical'] = (file) => Buffer.from(file).toString() === critical;
  return { ...world.room, platform: { ...platform, packageOf, isSystemCritical } };
}

test('what the machine’s own package manager put there is refused by the package’s name, and stays', async () => {
  using world = await vaultWorld();
  const licence = '/usr/share/common-licenses/BSD';
  if (!existsSync(licence)) {
    return;
  }
  const before = readFileSync(licence);
  const ending = await quarantine(world.room, quarantineOf(licence, sha256Of(before)));
  expect(ending).toMatchObject({
    ...{ outcome: 'refused', reason: 'protected_file', effect: null, details: { package: 'base-files' } },
  });
  expect(readFileSync(licence)).toEqual(before);
  const copy = path.join(world.files, 'BSD');
  copyFileSync(licence, copy);
  expect(await quarantine(world.room, quarantineOf(copy, sha256Of(before)))).toMatchObject({ outcome: 'done' });
});

test('an order with the override takes what a package or the machine needs; another one does not', async () => {
  using world = await vaultWorld();
  for (const which of ['packaged', 'critical'] as const) {
    const file = path.join(world.files, which);
    writeFileSync(file, content);
    const room = onMachine(world, { [which]: file });
    expect(await quarantine(room, quarantineOf(file, sha256))).toMatchObject({
      ...{ outcome: 'refused', reason: 'protected_file' },
    });
    expect(readFileSync(file, 'utf8')).toBe(content);
    const overriding = quarantineOf(file, sha256, { overrideProtection: true });
    expect(await quarantine(room, overriding)).toMatchObject({ outcome: 'done', effect: 'taken' });
  }
});

test('a packaged file that somebody changed is no longer the package’s', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'packaged');
  writeFileSync(file, 'changed');
  const room = onMachine(world, { packaged: file });
  expect(await quarantine(room, quarantineOf(file, sha256Of('changed')))).toMatchObject({ outcome: 'done' });
});

test.if(isRoot)('no override lets the agent’s own files go, by whatever name', async () => {
  using world = await vaultWorld(trusted);
  const own = path.join(world.room.vault, 'own');
  const program = path.join(world.base, 'program');
  const another = path.join(world.files, 'another-name');
  writeFileSync(own, content);
  writeFileSync(program, content);
  linkSync(program, another);
  symlinkSync(world.room.vault, path.join(world.base, 'way'));
  const room = { ...world.room, own: [world.room.vault, program] };
  for (const file of [own, program, another, path.join(world.base, 'way', 'own')]) {
    const overriding = quarantineOf(file, sha256, { overrideProtection: true });
    const { outcome, reason } = await quarantine(room, overriding);
    expect([file, outcome, reason]).toEqual([file, 'refused', 'protected_file']);
    expect(existsSync(file)).toBe(true);
  }
  expect(allRecords(world.room.vault)).toEqual([]);
});

test.if(isRoot)(
  'the owner’s policy holds for the real place and for the size, however a file is asked for',
  async () => {
    using world = await vaultWorld(trusted);
    const file = path.join(world.files, 'a');
    writeFileSync(file, content);
    symlinkSync(world.files, path.join(world.base, 'way'));
    const rules = [{ name: 'keep', verbs: ['quarantine' as const], globs: [`${world.files}/*`] }];
    const asked = quarantineOf(path.join(world.base, 'way', 'a'), sha256, { overrideProtection: true });
    expect(await quarantine({ ...world.room, policy: { ...openPolicy, rules } }, asked)).toMatchObject({
      ...{ outcome: 'refused', reason: 'denied_by_policy', details: { rule: 'keep' } },
    });
    const small = { ...world.room, policy: { ...openPolicy, largestQuarantineBytes: content.length - 1 } };
    expect(await quarantine(small, quarantineOf(file, sha256))).toMatchObject({
      ...{ outcome: 'refused', details: { rule: 'largest_quarantine' } },
    });
    const full = { ...world.room, policy: { ...openPolicy, vaultQuotaBytes: 10 } };
    expect(await quarantine(full, quarantineOf(file, sha256))).toMatchObject({
      ...{ outcome: 'no_space', reason: 'vault_full' },
    });
    expect([hashOfFile(file), allRecords(world.room.vault)]).toEqual([sha256, []]);
  },
);

test('init is refused by itself, too', async () => {
  using world = await vaultWorld();
  const init = spawnSync('readlink', ['-f', '/proc/1/exe']).stdout.toString().trim();
  if (!init.startsWith('/') || !existsSync(init)) {
    return;
  }
  const ending = await quarantine(world.room, quarantineOf(init, hashOfFile(init)));
  expect(ending).toMatchObject({ outcome: 'refused', reason: 'protected_file' });
});
