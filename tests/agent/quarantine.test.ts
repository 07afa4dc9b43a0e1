import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Decrypter } from 'age-encryption';
import { quarantine } from '#agent/operations/quarantine.ts';
import { restore } from '#agent/operations/restore.ts';
import { allRecords, objectFile, vaultObjectOf } from '#agent/vault/record.ts';
import { hashOfFile, pathOf, quarantineOf, restoreOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const isRoot = process.getuid?.() === 0;
const content = 'malware, or not\n';

async function take(world: VaultWorld, file: string | Buffer, sha256 = sha256Of(content)) {
  const job = quarantineOf(file, sha256);
  return { job, ending: await quarantine(world.room, job) };
}

async function bringBack(world: VaultWorld, sha256 = sha256Of(content)) {
  return restore(world.room, restoreOf(sha256));
}

test('without a hash whatever stands at the path is taken, and told', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a.bin');
  writeFileSync(file, content);
  const job = { ...quarantineOf(file, sha256Of('')), sha256: null };
  expect(await quarantine(world.room, job)).toMatchObject({
    outcome: 'done',
    sha256: sha256Of(content),
    effect: 'taken',
  });
  expect(readdirSync(world.files)).toEqual([]);
  expect(await quarantine(world.room, job)).toMatchObject({ outcome: 'done', sha256: sha256Of(content) });
  const another = { ...job, taskId: quarantineOf(file, sha256Of('other')).taskId };
  expect(await quarantine(world.room, another)).toMatchObject({ outcome: 'already_done', sha256: sha256Of(content) });
  expect(await bringBack(world)).toMatchObject([{ outcome: 'done' }]);
  expect(hashOfFile(file)).toBe(sha256Of(content));
});

test('a quarantined file is gone from its place, and comes back with bytes, mode, owner and times', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a.bin');
  writeFileSync(file, content);
  chmodSync(file, 0o4751);
  utimesSync(file, 1_000_000_000.123, 1_100_000_000.456);
  const before = statSync(file, { bigint: true });

  const { ending } = await take(world, file);
  expect(ending).toMatchObject({ outcome: 'done', sha256: sha256Of(content), size: content.length, losses: [] });
  expect(readdirSync(world.files)).toEqual([]);
  const vaultFiles = readdirSync(world.room.vault).filter((name) => name.endsWith('.age'));
  expect(vaultFiles).toEqual([`${ending.vaultObject}.age`]);
  expect(statSync(path.join(world.room.vault, vaultFiles[0] ?? '')).mode & 0o777).toBe(0o600);

  const [restored] = await bringBack(world);
  expect(restored).toMatchObject({ outcome: 'done', losses: [], vaultObject: ending.vaultObject });
  const after = statSync(file, { bigint: true });
  expect(hashOfFile(file)).toBe(sha256Of(content));
  expect([after.mode, after.uid, after.gid, after.mtimeNs]).toEqual([
    before.mode,
    before.uid,
    before.gid,
    before.mtimeNs,
  ]);
  expect(readdirSync(world.files)).toEqual(['a.bin']);
  expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.age'))).toEqual([]);
});

test('a restore that was already made is reported as already done, and a hash that was never held as not found', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  await take(world, file);
  await bringBack(world);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'already_done', sha256: sha256Of(content) }]);
  expect(await bringBack(world, sha256Of('other'))).toMatchObject([{ outcome: 'not_found', path: null }]);
});

test('a file whose object was taken out of the vault is lost, and not a file that is not there', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const { ending } = await take(world, file);
  for (const name of readdirSync(world.room.vault).filter((each) => each.endsWith('.age'))) {
    rmSync(path.join(world.room.vault, name));
  }
  const [ended] = await bringBack(world);
  expect(ended).toMatchObject({
    ...{ outcome: 'agent_error', reason: 'vault_damaged', vaultObject: ending.vaultObject, effect: null },
    message: expect.stringContaining('has lost its copy'),
  });
  expect(existsSync(file)).toBe(false);
});

test('a restore that was made before is no success where the file is gone, or is another one now', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const { ending } = await take(world, file);
  await bringBack(world);
  const gone = { outcome: 'not_found', vaultObject: ending.vaultObject, effect: 'returned' };
  for (const change of [
    () => rmSync(file),
    () => writeFileSync(file, content.toUpperCase()),
    () => writeFileSync(file, 'much longer than what was there before, and nothing like it'),
    () => {
      rmSync(file);
      symlinkSync('/etc/hostname', file);
    },
    () => {
      rmSync(file);
      mkdirSync(file);
    },
  ]) {
    change();
    const [ended, ...more] = await bringBack(world);
    expect([ended, more]).toMatchObject([gone, []]);
    expect(ended?.message).toContain(`was restored to ${file} by an earlier action and is not there any more`);
  }
  rmSync(file, { recursive: true });
  writeFileSync(file, content);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'already_done' }]);
});

test('bytes that were taken twice from one place come back once, and the vault keeps no second copy', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  for (let times = 0; times < 2; times += 1) {
    writeFileSync(file, content);
    await take(world, file);
  }
  const endings = await bringBack(world);
  expect(endings).toMatchObject([
    { outcome: 'done', effect: 'returned' },
    { outcome: 'already_done', effect: 'returned', path: new Uint8Array(Buffer.from(file)) },
  ]);
  expect(readFileSync(file, 'utf8')).toBe(content);
  expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.age'))).toEqual([]);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'already_done' }]);
});

test('a restore that was cut off after it found the very bytes at the place lets the vault’s copy go when it runs again', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  await take(world, file);
  const [name = expect.unreachable()] = readdirSync(world.room.vault).filter((each) => each.endsWith('.age'));
  const kept = path.join(world.room.vault, name);
  const object = readFileSync(kept);
  writeFileSync(file, content);
  const job = restoreOf(sha256Of(content));
  expect(await restore(world.room, job)).toMatchObject([{ outcome: 'already_done' }]);
  expect(existsSync(kept)).toBe(false);
  writeFileSync(kept, object);
  expect(await restore(world.room, job)).toMatchObject([{ effect: 'returned' }]);
  expect(existsSync(kept)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe(content);
});

test('a second quarantine of the same file is already done and names the object; of an unknown one it is not found', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const first = await take(world, file);
  expect((await take(world, file)).ending).toMatchObject({
    outcome: 'already_done',
    vaultObject: first.ending.vaultObject,
  });
  expect((await take(world, file, sha256Of('x'))).ending).toMatchObject({ outcome: 'not_found', vaultObject: null });
  expect((await take(world, path.join(world.files, 'no', 'such'))).ending.outcome).toBe('not_found');
});

test('a file that was modified after it was seen is left untouched', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'changed since');
  expect((await take(world, file)).ending).toMatchObject({
    outcome: 'hash_mismatch',
    sha256: sha256Of('changed since'),
  });
  expect(readFileSync(file, 'utf8')).toBe('changed since');
  expect(readdirSync(world.room.vault)).toEqual([]);
});

const oddNames: [string, Buffer][] = [
  ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0x41])],
  ['a newline', Buffer.from('two\nlines')],
  ['a leading dash', Buffer.from('-rf')],
  ['only spaces', Buffer.from('  ')],
  ['255 bytes', Buffer.alloc(255, 0xc3)],
  ['a bidirectional override', Buffer.from('\u202egnp.exe')],
];

test.each(oddNames)('a name with %s goes into the vault and comes back', async (_, name) => {
  using world = await vaultWorld();
  const file = Buffer.concat([Buffer.from(`${world.files}/`), name]);
  writeFileSync(file, content);
  const { ending } = await take(world, file);
  expect(ending.outcome).toBe('done');
  expect(existsSync(file)).toBe(false);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'done' }]);
  expect(readdirSync(world.files, { encoding: 'buffer' }).map((each) => each.toString('hex'))).toEqual([
    name.toString('hex'),
  ]);
  expect(hashOfFile(file)).toBe(sha256Of(content));
});

test('special files are refused without being opened', async () => {
  using world = await vaultWorld();
  const fifo = path.join(world.files, 'fifo');
  spawnSync('mkfifo', [fifo]);
  symlinkSync('/etc/passwd', path.join(world.files, 'link'));
  mkdirSync(path.join(world.files, 'directory'));
  const started = performance.now();
  for (const name of ['fifo', 'link', 'directory']) {
    expect((await take(world, path.join(world.files, name))).ending).toMatchObject({
      outcome: 'unsupported',
      reason: 'special_file',
    });
  }
  expect((await take(world, '/proc/self/status')).ending).toMatchObject({ outcome: 'unsupported' });
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('a link on the way that root did not make safely is not followed, by quarantine or by restore', async () => {
  using world = await vaultWorld();
  const real = path.join(world.base, 'real');
  mkdirSync(real);
  chmodSync(world.base, 0o777);
  writeFileSync(path.join(real, 'a'), content);
  symlinkSync(real, path.join(world.base, 'linked'));
  const asked = path.join(world.base, 'linked', 'a');
  expect((await take(world, asked)).ending).toMatchObject({ outcome: 'access_denied', reason: 'unsafe_path' });
  expect(readFileSync(path.join(real, 'a'), 'utf8')).toBe(content);

  expect((await take(world, path.join(real, 'a'))).ending.outcome).toBe('done');
  rmSync(real, { recursive: true });
  mkdirSync(path.join(world.base, 'elsewhere'));
  symlinkSync(path.join(world.base, 'elsewhere'), real);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'access_denied', reason: 'unsafe_path' }]);
  expect(readdirSync(path.join(world.base, 'elsewhere'))).toEqual([]);
});

test.each(['a/b', '/', '/tmp/', '/tmp/../etc/passwd', '/tmp/./x', '/tmp//x'])(
  '%s is no path to act on',
  async (asked) => {
    using world = await vaultWorld();
    expect((await take(world, asked)).ending).toMatchObject({ outcome: 'access_denied', reason: 'unsafe_path' });
  },
);

test('a restore overwrites nothing: an occupied name is a conflict and the vault keeps the file', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  await take(world, file);
  writeFileSync(file, 'a newer file');
  expect(await bringBack(world)).toMatchObject([{ outcome: 'conflict', reason: 'occupied' }]);
  expect(readFileSync(file, 'utf8')).toBe('a newer file');
  rmSync(file);
  symlinkSync('/nowhere', file);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'conflict', reason: 'occupied' }]);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  rmSync(file);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'done' }]);
  expect(readdirSync(world.files)).toEqual(['a']);
});

test('a restore into a directory that is gone says so, and works once the directory is back', async () => {
  using world = await vaultWorld();
  const directory = path.join(world.files, 'd');
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'a'), content);
  await take(world, path.join(directory, 'a'));
  rmSync(directory, { recursive: true });
  expect(await bringBack(world)).toMatchObject([{ outcome: 'parent_missing' }]);
  mkdirSync(directory);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'done' }]);
});

test('every copy with the hash comes back, and an object for each has its own end', async () => {
  using world = await vaultWorld();
  const [one, two] = [path.join(world.files, '1'), path.join(world.files, '2')];
  for (const file of [one, two]) {
    writeFileSync(file, content);
    await take(world, file);
  }
  writeFileSync(one, 'occupied');
  const endings = await bringBack(world);
  expect(endings.map(({ outcome }) => outcome).toSorted()).toEqual(['conflict', 'done']);
  expect(readFileSync(two, 'utf8')).toBe(content);
});

test('an empty file and one of several chunks go through the vault unchanged', async () => {
  using world = await vaultWorld();
  for (const bytes of [new Uint8Array(), Buffer.alloc(1_000_003, 'abc')]) {
    const file = path.join(world.files, 'a');
    writeFileSync(file, bytes);
    expect((await take(world, file, sha256Of(bytes))).ending).toMatchObject({ outcome: 'done', size: bytes.length });
    expect(await bringBack(world, sha256Of(bytes))).toMatchObject([{ outcome: 'done' }]);
    expect(hashOfFile(file)).toBe(sha256Of(bytes));
    rmSync(file);
  }
});

test('other names of the same file are left exactly as they were', async () => {
  using world = await vaultWorld();
  const [one, other] = [path.join(world.files, 'one'), path.join(world.files, 'other')];
  writeFileSync(one, content, { mode: 0o640 });
  linkSync(one, other);
  const before = statSync(other, { bigint: true });
  expect((await take(world, one)).ending.outcome).toBe('done');
  const after = statSync(other, { bigint: true });
  expect(readFileSync(other, 'utf8')).toBe(content);
  expect([after.ino, after.mode, after.mtimeNs]).toEqual([before.ino, before.mode, before.mtimeNs]);
});

test('a stock age reader opens an object with the recovery key: length, metadata, bytes', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const { job } = await take(world, file);
  const decrypter = new Decrypter();
  decrypter.addIdentity(world.recoveryIdentity);
  const object = readFileSync(objectFile(world.room.vault, vaultObjectOf(job.taskId, job.path)));
  expect(object.includes(content)).toBe(false);
  const plain = Buffer.from(await decrypter.decrypt(object));
  const length = plain.readUInt32BE(0);
  const metadata = JSON.parse(plain.toString('utf8', 4, 4 + length));
  expect(Buffer.from(metadata.path, 'base64').toString()).toBe(file);
  expect(metadata).toMatchObject({ v: 1, sha256: sha256Of(content), size: content.length, taskId: job.taskId });
  expect(plain.toString('utf8', 4 + length)).toBe(content);
});

test('a damaged object is reported, kept, and nothing of it reaches the disk', async () => {
  using world = await vaultWorld();
  const bytes = Buffer.alloc(300_000, 'x');
  const file = path.join(world.files, 'a');
  writeFileSync(file, bytes);
  const { job } = await take(world, file, sha256Of(bytes));
  const object = objectFile(world.room.vault, vaultObjectOf(job.taskId, job.path));
  const good = readFileSync(object);
  for (const damage of [
    () => good.subarray(0, good.length - 20_000),
    () => Buffer.concat([good.subarray(0, 250_000), Buffer.from([(good[250_000] ?? 0) ^ 1]), good.subarray(250_001)]),
    () => Buffer.from('not age at all'),
  ]) {
    writeFileSync(object, damage());
    expect(await bringBack(world, sha256Of(bytes))).toMatchObject([
      { outcome: 'agent_error', reason: 'vault_damaged' },
    ]);
    expect(readdirSync(world.files)).toEqual([]);
  }
  writeFileSync(object, good);
  expect(await bringBack(world, sha256Of(bytes))).toMatchObject([{ outcome: 'done' }]);
});

test('what the agent and the machine need is refused', async () => {
  using world = await vaultWorld();
  const loader =
    readFileSync('/proc/self/maps', 'latin1').match(/\/\S*\/ld-[^\s/]*/)?.[0] ?? '/lib64/ld-linux-x86-64.so.2';
  writeFileSync(path.join(world.room.vault, 'own'), content);
  const init = spawnSync('readlink', ['-f', '/proc/1/exe']).stdout.toString().trim();
  for (const file of [loader, path.join(world.room.vault, 'own'), ...(isRoot && init.startsWith('/') ? [init] : [])]) {
    const { ending } = await take(world, file, hashOfFile(file));
    expect([file, ending.outcome, ending.reason]).toEqual([file, 'refused', 'protected_file']);
    expect(existsSync(file)).toBe(true);
  }
});

test.if(isRoot)('an immutable file and one on a read-only file system are named as such and stay', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content);
  const flag = spawnSync('chattr', ['+i', file]);
  if (flag.status === 0) {
    expect((await take(world, file)).ending).toMatchObject({ outcome: 'access_denied', reason: 'immutable' });
    spawnSync('chattr', ['-i', file]);
  }
  const mount = path.join(world.base, 'mount');
  mkdirSync(mount);
  expect(spawnSync('mount', ['-t', 'tmpfs', 'none', mount]).status).toBe(0);
  try {
    writeFileSync(path.join(mount, 'a'), content);
    spawnSync('mount', ['-o', 'remount,ro', mount]);
    const { ending } = await take(world, path.join(mount, 'a'));
    expect(ending).toMatchObject({ outcome: 'access_denied', reason: 'read_only' });
    expect(readFileSync(path.join(mount, 'a'), 'utf8')).toBe(content);
    expect(allRecords(world.room.vault)).toEqual([]);
    expect(readdirSync(world.room.vault)).toEqual([]);
  } finally {
    spawnSync('umount', [mount]);
  }
});

test.if(isRoot)('privilege bits do not come back into a directory that others could have prepared', async () => {
  using world = await vaultWorld();
  const directory = path.join(world.files, 'd');
  mkdirSync(directory);
  const file = path.join(directory, 'a');
  writeFileSync(file, content);
  chmodSync(file, 0o6755);
  await take(world, file);
  chmodSync(directory, 0o777);
  const [ending] = await bringBack(world);
  expect(ending).toMatchObject({ outcome: 'done', losses: ['mode 6755 became 755'] });
  expect(statSync(file).mode & 0o7777).toBe(0o755);
});

test.if(isRoot)('another owner’s file comes back to that owner, with its extended attributes', async () => {
  using world = await vaultWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, content, { mode: 0o600 });
  chownSync(file, 1234, 4321);
  const pin = world.room.platform.openPinned(world.room.platform.pin(world.room.platform.openParent(pathOf(file))));
  world.room.platform.setAttribute(pin, { name: 'user.origin', value: new Uint8Array([0, 255, 10]) });
  await take(world, file);
  expect(await bringBack(world)).toMatchObject([{ outcome: 'done', losses: [] }]);
  const after = statSync(file);
  expect([after.uid, after.gid, after.mode & 0o7777]).toEqual([1234, 4321, 0o600]);
  const again = world.room.platform.openPinned(world.room.platform.pin(world.room.platform.openParent(pathOf(file))));
  expect(world.room.platform.attributes(again)).toEqual([{ name: 'user.origin', value: new Uint8Array([0, 255, 10]) }]);
});
