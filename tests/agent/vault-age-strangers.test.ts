import { expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Decrypter, Encrypter } from 'age-encryption';
import { metadataOf, open, plaintextOf, seal, sizeThatFills } from './sealed-object.ts';
import { type VaultWorld, vaultWorld } from './vault-world.ts';

/** Another implementation of age than ours. */
interface Stranger {
  decrypt(world: VaultWorld, file: string, identity: string): Promise<Buffer>;
  encrypt(world: VaultWorld, plaintext: Buffer): Promise<Buffer>;
}

const stockAge: Stranger = {
  async decrypt({ base }, file, identity) {
    const key = path.join(base, 'key.txt');
    writeFileSync(key, `${identity}\n`, { mode: 0o600 });
    return execFileSync('age', ['-d', '-i', key, file], { maxBuffer: 64 * 1024 * 1024 });
  },
  async encrypt({ base, room: { keys } }, plaintext) {
    const plain = path.join(base, 'plain');
    writeFileSync(plain, plaintext);
    return execFileSync('age', ['-r', keys.recipient, '-r', keys.recoveryRecipient, plain], {
      maxBuffer: 64 * 1024 * 1024,
    });
  },
};

const ageEncryption: Stranger = {
  async decrypt(_, file, identity) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return Buffer.from(await decrypter.decrypt(readFileSync(file)));
  },
  async encrypt({ room: { keys } }, plaintext) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(keys.recipient);
    encrypter.addRecipient(keys.recoveryRecipient);
    return Buffer.from(await encrypter.encrypt(plaintext));
  },
};

const chunk = 64 * 1024;
const sizes = [0, 1, sizeThatFills(chunk), sizeThatFills(chunk) + 1, sizeThatFills(3 * chunk), 20 * chunk + 5];

const hasAge = Bun.which('age') !== null;

for (const [name, stranger, isHere] of [
  [hasAge ? 'the stock age program' : 'the stock age program (skipped: not installed)', stockAge, hasAge],
  ['age-encryption', ageEncryption, true],
] as const) {
  test.skipIf(!isHere)(`${name} opens our objects, with the device’s key and with the recovery key`, async () => {
    using world = await vaultWorld();
    for (const size of sizes) {
      const content = randomBytes(size);
      const { file, metadata } = await seal(content, { directory: world.base, keys: world.room.keys });
      for (const identity of [world.room.keys.identity, world.recoveryIdentity]) {
        const plaintext = await stranger.decrypt(world, file, identity);
        expect(plaintext.equals(plaintextOf(metadata, content))).toBe(true);
      }
    }
  });

  test.skipIf(!isHere)(`ours opens what ${name} has made, with either key`, async () => {
    using world = await vaultWorld();
    const file = path.join(world.base, 'theirs');
    for (const size of sizes) {
      const content = randomBytes(size);
      const metadata = metadataOf(content);
      writeFileSync(file, await stranger.encrypt(world, plaintextOf(metadata, content)));
      for (const identity of [world.room.keys.identity, world.recoveryIdentity]) {
        const opened = await open(file, identity);
        expect(opened.metadata).toEqual(metadata);
        expect(opened.content.equals(content)).toBe(true);
      }
    }
  });
}
