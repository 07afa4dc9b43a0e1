import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  isSignatureValid,
  newKeyPair,
  readPrivateKey,
  readPublicKey,
  type SignatureContext,
  signBytes,
} from '#wire/signature.ts';

const contexts: readonly SignatureContext[] = [
  'custody-order-v1',
  'custody-report-v1',
  'custody-hello-v1',
  'custody-enrol-v1',
  'custody-upload-v1',
];
const pair = newKeyPair();
const { key } = readPrivateKey(pair.privatePem);
const publicKey = readPublicKey(pair.publicKey);

describe('a signature', () => {
  test('holds for the bytes, the context and the key that it was made with', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const signature = signBytes('custody-order-v1', bytes, key);
    expect(isSignatureValid('custody-order-v1', { bytes, signature }, publicKey)).toBe(true);
  });

  test('holds in no other context', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    for (const made of contexts) {
      const signature = signBytes(made, bytes, key);
      for (const read of contexts) {
        expect(isSignatureValid(read, { bytes, signature }, publicKey)).toBe(read === made);
      }
    }
  });

  test('holds under no other key', () => {
    const bytes = Uint8Array.of(9);
    const signature = signBytes('custody-order-v1', bytes, key);
    const other = readPublicKey(newKeyPair().publicKey);
    expect(isSignatureValid('custody-order-v1', { bytes, signature }, other)).toBe(false);
  });

  test('breaks with any flipped bit of bytes or signature', () => {
    const bytes = new Uint8Array(50).fill(5);
    const signature = signBytes('custody-report-v1', bytes, key);
    fc.assert(
      fc.property(fc.nat(50 * 8 + 64 * 8 - 1), (bit) => {
        const forged = Buffer.concat([bytes, signature]);
        const at = Math.floor(bit / 8);
        forged[at] = (forged[at] ?? 0) ^ (1 << (bit % 8));
        const given = { bytes: forged.subarray(0, 50), signature: forged.subarray(50) };
        return !isSignatureValid('custody-report-v1', given, publicKey);
      }),
      { numRuns: 500 },
    );
  });

  test('of the wrong length is no signature', () => {
    for (const length of [0, 63, 65]) {
      const given = { bytes: Uint8Array.of(1), signature: new Uint8Array(length) };
      expect(isSignatureValid('custody-order-v1', given, publicKey)).toBe(false);
    }
  });

  test('is read with no key that is not one', () => {
    expect(() => readPublicKey(new Uint8Array(31))).toThrow('32 bytes');
    expect(() => readPrivateKey('no key')).toThrow('no Ed25519');
  });
});
