import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { importAead } from '#age/aead.ts';
import { chunkNonce, sealedStreamBytes } from '#age/stream.ts';

const key = new Uint8Array(randomBytes(32));

test('the cipher has copied its input when a call returns, so that a buffer may be filled again at once', async () => {
  const aead = await importAead(key);
  const plaintext = new Uint8Array(randomBytes(64 * 1024));
  const calls = Array.from({ length: 64 }, (_, index) => {
    const buffer = new Uint8Array(plaintext);
    const sealed = aead.seal(chunkNonce(index, false), buffer);
    buffer.fill(0);
    return sealed;
  });
  for (const [index, call] of calls.entries()) {
    const buffer = new Uint8Array(await call);
    const opened = aead.open(chunkNonce(index, false), buffer);
    buffer.fill(0);
    expect(Buffer.from((await opened) ?? []).equals(plaintext)).toBe(true);
  }
});

test('nothing opens but what was sealed under the same key, number and flag', async () => {
  const aead = await importAead(key);
  const other = await importAead(new Uint8Array(32));
  const sealed = await aead.seal(chunkNonce(1, false), new Uint8Array(10));
  expect(await aead.open(chunkNonce(1, false), sealed)).toEqual(new Uint8Array(10));
  expect(await other.open(chunkNonce(1, false), sealed)).toBeUndefined();
  for (const nonce of [chunkNonce(0, false), chunkNonce(2 ** 32 + 1, false), chunkNonce(1, true)]) {
    expect(await aead.open(nonce, sealed)).toBeUndefined();
  }
  for (const length of [0, 1, 15, 16, sealed.length - 1]) {
    expect(await aead.open(chunkNonce(1, false), sealed.slice(0, length))).toBeUndefined();
  }
});

test('the number of a chunk is counted over 88 bits, high byte first, and the last one is flagged', () => {
  const hex = (index: number, isLast: boolean) => Buffer.from(chunkNonce(index, isLast)).toString('hex');
  expect(hex(0, false)).toBe('000000000000000000000000');
  expect(hex(0x1_0203_0405, true)).toBe('000000000000010203040501');
  expect(hex(2 ** 53 - 1, false)).toBe('000000001fffffffffffff00');
});

test.each([
  [0, 16],
  [1, 17],
  [65_536, 65_552],
  [65_537, 65_569],
  [131_072, 131_104],
])('%i bytes become %i', (plain, sealed) => {
  expect(sealedStreamBytes(plain)).toBe(sealed);
});
