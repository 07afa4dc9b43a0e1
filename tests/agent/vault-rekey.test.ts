import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { claim, dataDirectory, prepare } from '#agent/identity/data-directory.ts';
import { endpointIdOf, readIdentity, writeIdentity } from '#agent/identity/identity.ts';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { linux } from '#agent/platform/linux/linux.ts';
import { nextKeyFile, writeNextKey } from '#agent/vault/next-key.ts';
import { finishRekey, rekeyVault } from '#agent/vault/rekey.ts';
import { rewrapVault } from '#agent/vault/rewrap.ts';
import { endpointNumberSchema } from '#core/endpoint/endpoint-id.ts';
import { hold, open, type Sealed } from './sealed-object.ts';
import { type VaultWorld, vaultWorld } from './vault-world.ts';

interface Enrolled extends AsyncDisposable {
  readonly root: string;
  /** A room of the agent's own vault. */
  readonly world: VaultWorld;
  readonly held: Sealed[];
}

/** The data directory of an agent that is enrolled, stopped, and holds three files. */
async function enrolled(): Promise<Enrolled> {
  const outer = await vaultWorld();
  const directory = dataDirectory(path.join(outer.base, 'agent'));
  mkdirSync(directory.root);
  await prepare(directory);
  const keys = outer.room.keys;
  const world = { ...outer, room: { ...outer.room, vault: directory.vault } };
  await writeIdentity(durableFiles, directory.identity, {
    v: 2,
    endpointId: endpointIdOf(randomBytes(32)),
    endpointNumber: endpointNumberSchema.parse(123_456_789),
    ...{
      servers: ['https://custody.example'],
      formerServers: [],
      authorities: ['none'],
      trustSequence: 0,
      orderKeySequence: 0,
      proxy: null,
    },
    devicePrivateKey: generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ...{ vaultIdentity: keys.identity, vaultRecipient: keys.recipient, recoveryRecipient: keys.recoveryRecipient },
    orderKey: '',
    roots: [],
  });
  const held: Sealed[] = [];
  for (const size of [0, 100, 100_000]) {
    held.push(await hold(world, randomBytes(size)));
  }
  return { root: directory.root, world, held, [Symbol.asyncDispose]: async () => outer[Symbol.dispose]() };
}

async function vaultIdentityOf(root: string): Promise<string> {
  return (await readIdentity(durableFiles, dataDirectory(root).identity))?.vaultIdentity ?? '';
}

/** The key in the identity opens everything, the old one nothing, and no other key lies about. */
async function expectChanged({ root, world, held }: Enrolled): Promise<void> {
  const identity = await vaultIdentityOf(root);
  expect(identity).not.toBe(world.room.keys.identity);
  for (const { file, metadata } of held) {
    expect((await open(file, identity)).metadata).toEqual(metadata);
    await expect(open(file, world.room.keys.identity)).rejects.toThrow('not locked to this key');
  }
  expect(existsSync(nextKeyFile(root))).toBe(false);
}

test('the vault of a stopped agent gets a new key, and another one after that', async () => {
  await using agent = await enrolled();
  const { rewrapped, left, recipient } = await rekeyVault(agent.root);
  expect({ rewrapped, left }).toEqual({ rewrapped: 3, left: [] });
  await expectChanged(agent);
  const first = await vaultIdentityOf(agent.root);
  expect(await identityToRecipient(first)).toBe(recipient);
  expect(statSync(dataDirectory(agent.root).identity).mode & 0o777).toBe(0o600);
  await rekeyVault(agent.root);
  expect(await vaultIdentityOf(agent.root)).not.toBe(first);
  await expectChanged(agent);
});

test('a change that was cut off anywhere is gone on with, by the command and by the agent’s start', async () => {
  for (const cut of ['before the first object', 'among the objects', 'before the identity', 'at the end'] as const) {
    for (const goOn of [rekeyVault, (root: string) => finishRekey(dataDirectory(root), linux)]) {
      await using agent = await enrolled();
      const { keys } = agent.world.room;
      const identity = await generateX25519Identity();
      const next = { v: 1, identity, recipient: await identityToRecipient(identity) } as const;
      await writeNextKey(durableFiles, agent.root, next);
      expect(statSync(nextKeyFile(agent.root)).mode & 0o777).toBe(0o600);
      if (cut !== 'before the first object') {
        await rewrapVault(agent.world.room, { ...keys, ...next });
      }
      if (cut === 'among the objects') {
        agent.held.push(await hold(agent.world, randomBytes(10)));
      }
      const directory = dataDirectory(agent.root);
      const known = await readIdentity(durableFiles, directory.identity);
      if (cut === 'at the end' && known !== undefined) {
        const changed = { ...known, vaultIdentity: identity, vaultRecipient: next.recipient };
        await writeIdentity(durableFiles, directory.identity, changed);
      }
      await goOn(agent.root);
      await expectChanged(agent);
    }
  }
});

test('it waits for no agent that runs, and makes nothing where none was enrolled', async () => {
  await using agent = await enrolled();
  const directory = dataDirectory(agent.root);
  const release = claim(directory, linux);
  await expect(rekeyVault(agent.root)).rejects.toMatchObject({ code: 'conflict' });
  release();
  expect(await vaultIdentityOf(agent.root)).toBe(agent.world.room.keys.identity);
  const nowhere = path.join(agent.world.base, 'nowhere');
  await expect(rekeyVault(nowhere)).rejects.toMatchObject({ code: 'not_found' });
  expect(existsSync(nowhere)).toBe(false);
});

test('it is a command', async () => {
  await using agent = await enrolled();
  const program = path.join(import.meta.dir, '../../bin/custody');
  const words = ['agent', 'vault', 'rekey', '--data', agent.root, '--json'];
  const { status, stdout } = spawnSync(program, words, { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rewrapped: 3, left: [], recipient: expect.stringMatching(/^age1/) });
  await expectChanged(agent);
});
