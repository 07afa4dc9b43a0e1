import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { DamagedObject } from '#age/damaged.ts';
import type { VaultKeys } from '#agent/operations/room.ts';
import { allObjects } from '#agent/vault/record.ts';
import { rewrapVault } from '#agent/vault/rewrap.ts';
import { hasStrace } from './killed-child.ts';
import { hold, open, type Sealed } from './sealed-object.ts';
import { type VaultWorld, vaultWorld } from './vault-world.ts';

async function newKeys({ room }: VaultWorld): Promise<VaultKeys> {
  const identity = await generateX25519Identity();
  return { ...room.keys, identity, recipient: await identityToRecipient(identity) };
}

/** What stands behind the header's last line: the stream's nonce and the encrypted chunks. */
function payloadOf(file: string): Buffer {
  const bytes = readFileSync(file);
  return bytes.subarray(bytes.indexOf('\n', bytes.indexOf('\n--- ') + 1) + 1);
}

test('the new key opens every object, the old one none, the recovery key all; what is encrypted is the same', async () => {
  using world = await vaultWorld();
  const contents = [0, 1, 200_000, 2_000_000].map((size) => randomBytes(size));
  const held: (Sealed & { readonly content: Buffer })[] = [];
  for (const content of contents) {
    held.push({ content, ...(await hold(world, content)) });
  }
  const before = held.map(({ file }) => payloadOf(file));
  const keys = await newKeys(world);
  expect(await rewrapVault(world.room, keys)).toEqual({ rewrapped: 4, left: [] });
  for (const [index, { content, file, metadata }] of held.entries()) {
    for (const identity of [keys.identity, world.recoveryIdentity]) {
      expect(await open(file, identity)).toEqual({ metadata, content });
    }
    await expect(open(file, world.room.keys.identity)).rejects.toThrow(DamagedObject);
    expect(payloadOf(file).equals(before[index] ?? Buffer.alloc(0))).toBe(true);
    expect(statSync(file).mode & 0o7777).toBe(0o600);
  }
  expect(await rewrapVault(world.room, keys)).toEqual({ rewrapped: 4, left: [] });
});

test('an object that is damaged or foreign is left as it is, and named', async () => {
  using world = await vaultWorld();
  using other = await vaultWorld();
  const good = await hold(world, randomBytes(100));
  const damaged = await hold(world, randomBytes(100_000));
  const bytes = readFileSync(damaged.file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(damaged.file, bytes);
  const foreign = await hold(world, randomBytes(100));
  copyFileSync((await hold(other, randomBytes(100))).file, foreign.file);
  const before = [damaged, foreign].map(({ file }) => readFileSync(file));
  const keys = await newKeys(world);
  const { rewrapped, left } = await rewrapVault(world.room, keys);
  expect(rewrapped).toBe(1);
  expect(left.toSorted()).toEqual([damaged, foreign].map(({ metadata }) => metadata.vaultObject).toSorted());
  expect([damaged, foreign].map(({ file }) => readFileSync(file))).toEqual(before);
  expect((await open(good.file, keys.identity)).content.length).toBe(100);
  expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.rewrap'))).toEqual([]);
});

test('the key that the vault has is refused as a new one', async () => {
  using world = await vaultWorld();
  await expect(rewrapVault(world.room, world.room.keys)).rejects.toMatchObject({ code: 'invalid_request' });
});

const script = `
  import { linux } from '#agent/platform/linux/linux.ts';
  import { rewrapVault } from '#agent/vault/rewrap.ts';
  const { vault, keys, newKeys } = JSON.parse(process.env.REWRAP);
  const room = { platform: linux, clock: { now: () => 0 }, progress: () => undefined, vault, keys, own: [vault] };
  await rewrapVault(room, newKeys);
`;

interface Rewrap {
  readonly vault: string;
  readonly keys: VaultKeys;
  readonly newKeys: VaultKeys;
}

/** A run under strace, in a process of its own. */
function traced(rewrap: Rewrap, options: readonly string[]): { readonly killed: boolean; readonly trace: string } {
  const file = path.join(rewrap.vault, '..', 'rewrap-main.ts');
  writeFileSync(file, script.replaceAll("'#agent/", `'${path.join(import.meta.dir, '../../src/agent')}/`));
  const { signal, stderr } = spawnSync('strace', ['-qq', ...options, process.execPath, file], {
    env: { REWRAP: JSON.stringify(rewrap) },
    encoding: 'utf8',
  });
  return { killed: signal === 'SIGKILL', trace: stderr };
}

test.skipIf(!hasStrace)(
  'a run that is killed anywhere leaves every object whole, under the old key or the new, and the next one ends it',
  async () => {
    using world = await vaultWorld();
    const contents = new Map<string, Buffer>();
    for (const size of [10, 100_000]) {
      const content = randomBytes(size);
      contents.set((await hold(world, content)).metadata.vaultObject, content);
    }
    const fresh = path.join(world.base, 'fresh');
    copyAll(world.room.vault, fresh);
    const keys = await newKeys(world);
    const rewrap = { vault: world.room.vault, keys: world.room.keys, newKeys: keys };
    const calls = ['openat', 'pwrite64', 'fsync', 'rename', 'unlink', 'rmdir'];
    const points = pointsIn(traced(rewrap, [`-etrace=${calls.join(',')}`]).trace, world.room.vault);
    let killed = 0;
    for (const { call, ordinal } of points) {
      rmSync(world.room.vault, { recursive: true });
      copyAll(fresh, world.room.vault);
      killed += traced(rewrap, [`-einject=${call}:signal=KILL:when=${ordinal}`, `-etrace=${call}`]).killed ? 1 : 0;
      await expectWhole(world, keys, contents);
      expect(await rewrapVault(world.room, keys)).toEqual({ rewrapped: 2, left: [] });
      expect(readdirSync(world.room.vault).filter((name) => name.endsWith('.rewrap'))).toEqual([]);
    }
    // A runtime does not open just as many files at every start, so the last of these may miss.
    expect(killed).toBeGreaterThan(Math.max(15, points.length - 3));
  },
  120_000,
);

/** Every call from the first to the last that touches the vault: the runtime's own start and end are left out. */
function pointsIn(trace: string, vault: string): readonly { readonly call: string; readonly ordinal: number }[] {
  const calls = trace.split('\n').flatMap((line) => {
    const call = /^(\w+)\(/.exec(line)?.[1];
    return call === undefined ? [] : [{ call, touches: line.includes(vault) }];
  });
  const first = calls.findIndex(({ touches }) => touches);
  const last = calls.findLastIndex(({ touches }) => touches);
  return calls.flatMap(({ call }, index) => {
    const ordinal = calls.slice(0, index + 1).filter((each) => each.call === call).length;
    return index < first || index > last ? [] : [{ call, ordinal }];
  });
}

function copyAll(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) {
    copyFileSync(path.join(from, name), path.join(to, name));
  }
}

async function expectWhole(world: VaultWorld, keys: VaultKeys, contents: ReadonlyMap<string, Buffer>): Promise<void> {
  const { vault } = world.room;
  expect(allObjects(vault).length).toBe(contents.size);
  for (const id of allObjects(vault)) {
    const file = path.join(vault, `${id}.age`);
    const opened = await open(file, keys.identity).catch(() => open(file, world.room.keys.identity));
    expect(opened.content.equals(contents.get(id) ?? Buffer.alloc(0))).toBe(true);
    expect((await open(file, world.recoveryIdentity)).content.length).toBe(opened.content.length);
  }
}
