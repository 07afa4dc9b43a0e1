import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DamagedObject } from '#age/damaged.ts';
import type { Handle } from '#agent/platform/platform.ts';
import { openObject, sealObject, verifyObject } from '#agent/vault/object.ts';
import { metadataOf, open, seal, sizeThatFills } from './sealed-object.ts';
import { sha256Of, vaultWorld } from './vault-world.ts';

const chunk = 64 * 1024;

test.each([
  ['nothing', 0],
  ['one byte', 1],
  ['what fills one chunk but for a byte', sizeThatFills(chunk - 1)],
  ['what fills one chunk', sizeThatFills(chunk)],
  ['what fills one chunk and a byte', sizeThatFills(chunk + 1)],
  ['what fills two chunks', sizeThatFills(2 * chunk)],
  ['more chunks than are worked on at one time', 40 * chunk + 7],
])('a file of %s comes back as it was', async (_, size) => {
  using world = await vaultWorld();
  const content = randomBytes(size);
  const { file, metadata } = await seal(content, { directory: world.base, keys: world.room.keys });
  const opened = await open(file, world.room.keys.identity);
  expect(opened.metadata).toEqual(metadata);
  expect(opened.content.equals(content)).toBe(true);
});

test('the device’s key and the recovery key open an object, and another device’s key opens none', async () => {
  using one = await vaultWorld();
  using other = await vaultWorld();
  const content = randomBytes(200_000);
  for (const [at, from] of [
    [one, other],
    [other, one],
  ] as const) {
    const { file } = await seal(content, { directory: at.base, keys: at.room.keys });
    for (const identity of [at.room.keys.identity, at.recoveryIdentity]) {
      expect((await open(file, identity)).content.equals(content)).toBe(true);
    }
    for (const identity of [from.room.keys.identity, from.recoveryIdentity]) {
      await expect(verifyObject(file, identity, () => undefined)).rejects.toThrow('not locked to this key');
    }
  }
});

test('a key that is none is told apart from a damaged object, and its text is not repeated', async () => {
  using world = await vaultWorld();
  const { file } = await seal(randomBytes(10), { directory: world.base, keys: world.room.keys });
  const { identity, recipient } = world.room.keys;
  for (const bad of ['', 'secret', identity.slice(0, -1), identity.toLowerCase(), recipient]) {
    const failure = await verifyObject(file, bad, () => undefined).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'invalid_request', message: 'This is no age X25519 identity.' });
  }
  const keys = { ...world.room.keys, recoveryRecipient: identity };
  await expect(seal(randomBytes(10), { directory: world.base, keys })).rejects.toThrow('no age X25519 recipient');
});

test('an object whose content is another than its metadata names is refused', async () => {
  using world = await vaultWorld();
  const content = randomBytes(1_000);
  const facts = { sha256: sha256Of('something else') };
  const { file } = await seal(content, { directory: world.base, keys: world.room.keys, facts });
  await expect(verifyObject(file, world.room.keys.identity, () => undefined)).rejects.toThrow(DamagedObject);
});

test('a file that grows while it is sealed is read no further than one byte beyond its size', async () => {
  using world = await vaultWorld();
  const content = randomBytes(100_000);
  const plain = path.join(world.base, 'plain');
  writeFileSync(plain, Buffer.concat([content, randomBytes(500_000)]));
  const source = openSync(plain, 'r') as Handle;
  const metadata = metadataOf(content);
  const file = path.join(world.base, 'object');
  const sealed = await sealObject(file, { source, metadata, keys: world.room.keys, progress: () => undefined });
  closeSync(source);
  expect(sealed).not.toBe(metadata.sha256);
  expect((await open(file, world.room.keys.identity)).content.length).toBe(content.length + 1);
});

/** The test file of the European Institute for Computer Antivirus Research, in two parts, so that this file is not taken for it. */
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

test('nothing of what is sealed shows in the object', async () => {
  using world = await vaultWorld();
  const content = Buffer.from(eicar.repeat(3_000));
  const { file, metadata } = await seal(content, { directory: world.base, keys: world.room.keys });
  const bytes = readFileSync(file);
  for (const part of [eicar, eicar.slice(0, 8), 'EICAR', metadata.sha256, '/srv/files', '"modifiedNs"']) {
    expect(bytes.includes(part)).toBe(false);
  }
  const payload = bytes.subarray(bytes.indexOf('\n--- ') + 5 + 44);
  expect(bitsPerByte(content)).toBeLessThan(5);
  expect(bitsPerByte(payload)).toBeGreaterThan(7.99);
});

/** Shannon's entropy of the bytes. */
function bitsPerByte(bytes: Uint8Array): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) {
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const shares = counts.filter((count) => count > 0).map((count) => count / bytes.length);
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

test('two objects of one file have nothing in common', async () => {
  using world = await vaultWorld();
  const content = Buffer.alloc(300_000);
  const facts = metadataOf(content);
  const directories = ['one', 'two'].map((name) => path.join(world.base, name));
  const files: string[] = [];
  for (const directory of directories) {
    mkdirSync(directory);
    files.push((await seal(content, { directory, keys: world.room.keys, facts })).file);
  }
  const [one, two] = files.map((file) => readFileSync(file));
  const same = [...(one ?? [])].filter((byte, index) => byte === two?.[index]).length;
  expect(same / content.length).toBeLessThan(0.01);
});

test('an object can be read and written by its owner alone, whatever the umask, and never replaces anything', async () => {
  using world = await vaultWorld();
  const before = process.umask(0);
  try {
    const { file, metadata } = await seal(randomBytes(10), { directory: world.room.vault, keys: world.room.keys });
    expect(statSync(file).mode & 0o7777).toBe(0o600);
    expect(statSync(world.room.vault).mode & 0o7777).toBe(0o700);
    const again = seal(randomBytes(10), { directory: world.room.vault, keys: world.room.keys, facts: metadata });
    await expect(again).rejects.toMatchObject({ code: 'EEXIST' });
  } finally {
    process.umask(before);
  }
});

test('no descriptor stays open, whether an object was good, damaged, or left unread in the middle', async () => {
  using world = await vaultWorld();
  using other = await vaultWorld();
  const { file } = await seal(randomBytes(3_000_000), { directory: world.base, keys: world.room.keys });
  const { identity } = world.room.keys;
  const damaged = path.join(world.base, 'damaged');
  writeFileSync(damaged, readFileSync(file).subarray(0, 2_000_000));
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  await open(file, identity);
  await expect(open(damaged, identity)).rejects.toThrow(DamagedObject);
  await expect(open(file, other.room.keys.identity)).rejects.toThrow(DamagedObject);
  for await (const part of (await openObject(file, identity, () => undefined)).content) {
    expect(part.length).toBeGreaterThan(0);
    break;
  }
  expect(descriptors()).toBe(before);
});
