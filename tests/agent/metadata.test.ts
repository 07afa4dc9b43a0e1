import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import type { DataRange, Handle } from '#agent/platform/platform.ts';
import { verifyObject } from '#agent/vault/object.ts';
import { allRecords, objectFile, vaultObjectOf } from '#agent/vault/record.ts';
import { hashOfFile, pathOf, quarantineOf, restoreOf, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const hasFuse = existsSync('/dev/fuse') && spawnSync('bindfs', ['--version']).status === 0;
const mebibyte = 1024 * 1024;

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  }
  return stdout.toString();
}

/** All that the machine's own tools say of a file, but for what cannot be given back. */
function portrait(file: string) {
  const { mode, uid, gid, size, mtimeNs, atimeNs } = statSync(file, { bigint: true });
  const stats = [mode, uid, gid, size, mtimeNs, atimeNs].map(String);
  const attributes = run('getfattr', '-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', file);
  return { stats, attributes, flags: run('lsattr', '-d', file).split(' ')[0], acl: run('getfacl', '-p', '-n', file) };
}

async function thereAndBack(world: VaultWorld, file: string) {
  const sha256 = hashOfFile(file);
  run('touch', '-d', '2011-03-04 05:06:07.123456789 UTC', file);
  const before = portrait(file);
  const job = quarantineOf(file, sha256);
  expect(await quarantine(world.room, job)).toMatchObject({ outcome: 'done' });
  const stored = objectFile(world.room.vault, vaultObjectOf(job.taskId, job.path));
  const metadata = await verifyObject(stored, world.room.keys.identity, () => undefined);
  const [ending] = await restore(world.room, restoreOf(sha256));
  expect(ending).toMatchObject({ outcome: 'done' });
  const after = portrait(file);
  expect(hashOfFile(file)).toBe(sha256);
  return { before, after, losses: ending?.losses, metadata };
}

test.if(isRoot)('attributes of every kind, access control lists, capabilities, flags and times come back', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'a program, perhaps');
  chownSync(file, 1000, 1001);
  chmodSync(file, 0o6751);
  for (const name of ['user.origin', 'trusted.secret', 'security.label']) {
    run('setfattr', '-n', name, '-v', '0x00ff0a00', file);
  }
  run('setfattr', '-n', 'user.empty', file);
  run('setfacl', '-m', 'u:1234:rwx,g:4321:r,m::rwx', file);
  run('setcap', 'cap_net_raw,cap_sys_admin+ep', file);
  run('chattr', '+AdS', file);
  const { before, after, losses, metadata } = await thereAndBack(world, file);
  expect(after).toEqual(before);
  expect(losses).toEqual([]);
  expect(before.flags).toMatch(/S.*d.*A/);
  expect(before.attributes).toContain('security.capability=');
  expect(metadata.chain.at(-1)?.inode).toBe(String(statSync(world.files).ino));
});

test.if(isRoot)('a directory’s default access control list lets nobody into what comes back to it', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'private', { mode: 0o640 });
  run('setfacl', '-d', '-m', 'u:1234:rwx', world.files);
  const { before, after, losses } = await thereAndBack(world, file);
  expect([after, losses]).toEqual([before, []]);
  expect(after.acl).not.toContain('1234');
});

test.if(isRoot)('what a file system cannot keep is listed, and the file is back all the same', async () => {
  using world = await vaultWorld();
  const mount = path.join(world.base, 'mount');
  mkdirSync(mount);
  run('mount', '-t', 'ramfs', 'none', mount);
  try {
    const file = path.join(world.files, 'a');
    writeFileSync(file, 'x');
    run('setfattr', '-n', 'user.origin', '-v', 'here', file);
    run('chattr', '+d', file);
    const sha256 = hashOfFile(file);
    await quarantine(world.room, quarantineOf(file, sha256));
    const [ending] = await restore(world.room, restoreOf(sha256, { to: pathOf(path.join(mount, 'a')) }));
    expect(ending).toMatchObject({ outcome: 'done' });
    expect(ending?.losses.join('\n')).toMatch(
      /attribute user\.origin was not given back \(\w+\)\nfile flags 0x40 differ/,
    );
  } finally {
    run('umount', mount);
  }
});

test.if(isRoot && hasFuse)(
  'a file system that takes no owner, mode or attribute still gets the file, and each is listed',
  async () => {
    using world = await vaultWorld();
    const [source, mount] = [path.join(world.base, 'source'), path.join(world.base, 'mount')];
    mkdirSync(source);
    mkdirSync(mount);
    const file = path.join(world.files, 'a');
    writeFileSync(file, 'x');
    chownSync(file, 1000, 1000);
    chmodSync(file, 0o751);
    run('setfattr', '-n', 'user.origin', '-v', 'here', file);
    const sha256 = hashOfFile(file);
    await quarantine(world.room, quarantineOf(file, sha256));
    run('bindfs', '--chmod-deny', '--chown-deny', '--chgrp-deny', '--xattr-none', source, mount);
    try {
      const [ending] = await restore(world.room, restoreOf(sha256, { to: pathOf(path.join(mount, 'a')) }));
      expect(ending).toMatchObject({ outcome: 'done' });
      expect(ending?.losses.join('\n')).toMatch(/owner 1000:1000 .*\nattribute user\.origin .*\nmode 751 became 600/);
      expect(hashOfFile(path.join(source, 'a'))).toBe(sha256);
    } finally {
      run('umount', mount);
    }
  },
);

function rangesOf(world: VaultWorld, file: string): readonly DataRange[] {
  const handle = openSync(file, 'r') as Handle;
  try {
    return world.room.platform.dataRanges(handle, statSync(file).size);
  } finally {
    closeSync(handle);
  }
}

function makeSparse(file: string, size: number, parts: readonly (readonly [number, Uint8Array])[]): void {
  const handle = openSync(file, 'w');
  for (const [at, bytes] of parts) {
    writeSync(handle, bytes, 0, bytes.length, at);
  }
  ftruncateSync(handle, size);
  closeSync(handle);
}

test('holes come back where they were, and zeros that were written stay written', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'sparse');
  makeSparse(file, 48 * mebibyte, [
    [0, Buffer.alloc(5_000, 'a')],
    [7 * mebibyte + 4_096, Buffer.alloc(300_000)],
    [20 * mebibyte, Buffer.alloc(8_192, 'b')],
  ]);
  run('sync', '-f', file);
  const [ranges, blocks] = [rangesOf(world, file), statSync(file).blocks];
  expect(ranges).toHaveLength(3);
  await thereAndBack(world, file);
  run('sync', '-f', file);
  expect([rangesOf(world, file), statSync(file).size]).toEqual([ranges, 48 * mebibyte]);
  expect(Math.abs(statSync(file).blocks - blocks)).toBeLessThanOrEqual(Math.ceil(blocks / 100));
});

test.if(isRoot)('a file that is larger than the disk, but for its holes, comes back to that disk', async () => {
  using world = await vaultWorld();
  const [mount, file] = [path.join(world.base, 'mount'), path.join(world.files, 'sparse')];
  mkdirSync(mount);
  run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'none', mount);
  try {
    makeSparse(file, 100 * mebibyte, [[60 * mebibyte, Buffer.alloc(8_192, 'b')]]);
    const sha256 = hashOfFile(file);
    await quarantine(world.room, quarantineOf(file, sha256));
    const to = pathOf(path.join(mount, 'a'));
    expect(await restore(world.room, restoreOf(sha256, { to }))).toMatchObject([{ outcome: 'done', losses: [] }]);
    expect(hashOfFile(path.join(mount, 'a'))).toBe(sha256);
  } finally {
    run('umount', mount);
  }
});

test('a file of nothing but a hole, and one whose end is a hole, come back as large as they were', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'hole');
  makeSparse(file, 3 * mebibyte + 17, []);
  await thereAndBack(world, file);
  expect([statSync(file).size, statSync(file).blocks]).toEqual([3 * mebibyte + 17, 0]);
});

const part = fc.record({ at: fc.nat(400), length: fc.integer({ min: 1, max: 40 }), byte: fc.constantFrom(0, 1, 255) });
const shape = fc.record({
  parts: fc.array(part, { maxLength: 6 }),
  size: fc.nat(1_000_000),
  mode: fc.integer({ min: 0o400, max: 0o7777 }),
  owner: fc.constantFrom(0, 1, 1000, 65_534),
  value: fc.uint8Array({ minLength: 1, maxLength: 100 }),
});

test.if(isRoot)(
  'whatever the bytes, holes, mode, owner and attributes of a file are, they come back',
  async () => {
    await fc.assert(
      fc.asyncProperty(shape, async ({ parts, size, mode, owner, value }) => {
        using world = await vaultWorld();
        const file = path.join(world.files, 'a');
        makeSparse(
          file,
          size,
          parts.map(({ at, length, byte }) => [at * 1_000, Buffer.alloc(length * 1_000, byte)] as const),
        );
        chownSync(file, owner, owner);
        chmodSync(file, mode);
        run('setfattr', '-n', 'user.any', '-v', `0x${Buffer.from(value).toString('hex')}`, file);
        const { before, after, losses } = await thereAndBack(world, file);
        expect([after, losses]).toEqual([before, []]);
        expect(allRecords(world.room.vault).map(({ progress }) => progress.state)).toEqual(['restored']);
      }),
      { numRuns: 25 },
    );
  },
  120_000,
);
