import { bech32 } from '@scure/base';
import { Fault } from '#core/fault.ts';
import { keyBytes, publicKeyOf } from './x25519.ts';

/** A secret key with the public one that follows from it, 32 bytes each. */
export interface KeyPair {
  readonly secret: Uint8Array;
  readonly recipient: Uint8Array;
}

/**
 * An age X25519 identity, `AGE-SECRET-KEY-1...` (C2SP age).
 * @throws Fault `invalid_request` when it is none.
 */
export function parseIdentity(text: string): KeyPair {
  const secret = parseKey(text, 'AGE-SECRET-KEY-', 'identity');
  return { secret, recipient: publicKeyOf(secret) };
}

/**
 * An age X25519 recipient, `age1...` (C2SP age).
 * @throws Fault `invalid_request` when it is none.
 */
export function parseRecipient(text: string): Uint8Array {
  return parseKey(text, 'age', 'recipient');
}

/** Bech32 without its bound on the length. The message never repeats the text: it may be a secret. */
function parseKey(text: string, prefix: string, what: string): Uint8Array {
  const decoded = bech32.decodeUnsafe(text, false);
  const isCased = text === (what === 'identity' ? text.toUpperCase() : text.toLowerCase());
  const bytes = decoded === undefined ? undefined : bech32.fromWordsUnsafe(decoded.words);
  if (
    decoded?.prefix !== prefix.toLowerCase() ||
    !isCased ||
    !(bytes instanceof Uint8Array) ||
    bytes.length !== keyBytes
  ) {
    throw new Fault('invalid_request', `This is no age X25519 ${what}.`);
  }
  return bytes;
}
