import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityToRecipient } from 'age-encryption';
import { Fault } from '#core/fault.ts';
import { type DataDirectory, dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { isRecoveryIdentityHere, loadKeys } from '#server/keys.ts';
import { createLog } from '#server/log.ts';
import { OrderKeyBook } from '#server/order-key-book.ts';
import { createLocalSigner } from '#server/order-signer.ts';
import { createSecrets } from '#server/secrets.ts';
import { KeyRing } from '#server/signer/key-ring.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';

let directory: DataDirectory;

beforeEach(async () => {
  directory = dataDirectory(await mkdtemp(join(tmpdir(), 'custody-keys-')));
});

afterEach(() => rm(directory.root, { recursive: true }));

const load = (signsOrders = true) => loadKeys({ fs: fileSystem, random: systemRandom, directory }, { signsOrders });

describe("the server's keys", () => {
  test('are made at the first start and the same at the second', async () => {
    const first = await load();
    expect(await load()).toEqual(first);
  });

  test('lie in files that nobody else can read', async () => {
    await load();
    for (const name of await readdir(directory.keys)) {
      expect((await stat(join(directory.keys, name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(directory.recoveryIdentity)).mode & 0o777).toBe(0o600);
  });

  test('include a recovery identity that belongs to the recipient', async () => {
    const { recoveryRecipient } = await load();
    const text = new TextDecoder().decode(await fileSystem.read(directory.recoveryIdentity));
    const identity = text.split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-')) ?? '';
    expect(await identityToRecipient(identity)).toBe(recoveryRecipient);
  });

  test('are not read beside a private order key that a signer should have, not even the next one', async () => {
    await load();
    await fileSystem.replace(directory.orderKeyBook, new TextEncoder().encode('{}'));
    await fileSystem.replace(directory.orderKeyNext, (await fileSystem.read(directory.orderKey)) ?? new Uint8Array());
    await expect(load(false)).rejects.toThrow(directory.orderKey);
    await fileSystem.remove(directory.orderKey);
    await expect(load(false)).rejects.toThrow(directory.orderKeyNext);
    await fileSystem.remove(directory.orderKeyNext);
    await load(false);
  });

  test('never bring back a recovery identity that was moved away', async () => {
    const { recoveryRecipient } = await load();
    await rm(directory.recoveryIdentity);
    expect((await load()).recoveryRecipient).toBe(recoveryRecipient);
    expect(await isRecoveryIdentityHere(fileSystem, directory)).toBe(false);
  });

  test('sign orders that verify under the public half', async () => {
    await load();
    const ports = { fs: fileSystem, clock: systemClock, log: createLog('error') };
    const book = await OrderKeyBook.open({ ...ports, file: directory.orderKeyBook, record: () => Promise.resolve() });
    const signer = createLocalSigner(new KeyRing({ fs: fileSystem, directory: directory.keys }), book);
    const orders = [Uint8Array.of(1), Uint8Array.of(2, 3)];
    const { results } = await signer.sign(orders);
    const key = readPublicKey(signer.publicKey);
    for (const [index, bytes] of orders.entries()) {
      const signature = results[index];
      if (!(signature instanceof Uint8Array)) {
        throw new Error('The server’s own signer refuses nothing.');
      }
      expect(isSignatureValid('custody-order-v1', { bytes, signature }, key)).toBe(true);
    }
  });
});

describe('a sealed secret', () => {
  const secrets = createSecrets(systemRandom.bytes(32), systemRandom);
  const plain = new TextEncoder().encode('the secret of a key');

  test('opens to what it was', () => {
    expect(secrets.open(secrets.seal(plain))).toEqual(plain);
  });

  test('is different each time and shows nothing of the secret', () => {
    const sealed = secrets.seal(plain);
    expect(secrets.seal(plain)).not.toEqual(sealed);
    expect(Buffer.from(sealed).includes('secret')).toBe(false);
  });

  test('does not open under another key, or with any byte changed', () => {
    const sealed = secrets.seal(plain);
    expect(() => createSecrets(systemRandom.bytes(32), systemRandom).open(sealed)).toThrow('another key');
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => secrets.open(altered)).toThrow('altered');
    }
  });
});

describe('a key that is gone', () => {
  test('keeps the server from starting, instead of orphaning the fleet with a new one', async () => {
    await load();
    for (const path of [directory.orderKey, directory.ledgerKey, directory.secretsKey, directory.recoveryRecipient]) {
      const bytes = (await fileSystem.read(path)) ?? new Uint8Array();
      await writeFile(directory.store, '');
      await rm(path);
      const refused = await load().catch((thrown: unknown) => (thrown instanceof Fault ? thrown.message : 'another'));
      expect(refused).toContain(path);
      await fileSystem.replace(path, bytes);
    }
    expect((await load()).secretsKey.length).toBe(32);
  });
});
