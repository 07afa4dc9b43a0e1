import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fs } from '#core/ports/fs.ts';
import { fileSystem } from '#server/file-system.ts';
import { KeyRing, rotateOrderKey } from '#server/signer/key-ring.ts';
import { systemClock } from '#server/system-clock.ts';
import { changesBetween, readKeyChange } from '#wire/order-key.ts';
import { newKeyPair } from '#wire/signature.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custody-ring-'));
  await fileSystem.replace(join(directory, 'order-key.pem'), new TextEncoder().encode(newKeyPair().privatePem));
});

afterEach(() => rm(directory, { recursive: true }));

test('a new key is signed by the old one, which is gone, and whoever signs goes on with it by itself', async () => {
  const ring = new KeyRing({ fs: fileSystem, directory });
  const first = await ring.current();
  await rotateOrderKey({ fs: fileSystem, directory }, systemClock);
  await rotateOrderKey({ fs: fileSystem, directory }, systemClock);
  const { publicKey, changes } = await ring.current();
  expect(publicKey).not.toEqual(first.publicKey);
  const way = changesBetween(changes, first.publicKey, publicKey) ?? [];
  const sequences: number[] = [];
  const last = way.reduce((trusted, change) => {
    const words = readKeyChange(change, trusted);
    sequences.push(words.sequence);
    return words.next;
  }, first.publicKey);
  expect(last).toEqual(publicKey);
  expect(sequences).toHaveLength(2);
  expect(sequences[1]).toBeGreaterThan(sequences[0] ?? 0);
  expect((await readdir(directory)).toSorted()).toEqual(['order-key-changes.json', 'order-key.lock', 'order-key.pem']);
});

test('a change that is cut off at any step leaves one key that agents can be led to', async () => {
  const first = await new KeyRing({ fs: fileSystem, directory }).current();
  for (let survived = 0; survived < 4; survived += 1) {
    let left = survived;
    const dying: Fs = {
      ...fileSystem,
      async replace(path, bytes) {
        left -= 1;
        if (left < 0) {
          throw new Error('the power is gone');
        }
        await fileSystem.replace(path, bytes);
      },
      async remove(path) {
        left -= 1;
        if (left < 0) {
          throw new Error('the power is gone');
        }
        await fileSystem.remove(path);
      },
    };
    await expect(rotateOrderKey({ fs: dying, directory }, systemClock)).rejects.toThrow();
    const { publicKey, changes } = await new KeyRing({ fs: fileSystem, directory }).current();
    expect(changesBetween(changes, first.publicKey, publicKey)).toBeDefined();
  }
});
