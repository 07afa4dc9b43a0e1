import { createHash } from 'node:crypto';
import type { KeyRing } from '#age/key-ring.ts';
import type { KeyPair } from '#age/keys.ts';
import { publicKeyOf } from '#age/x25519.ts';

/** A key that every process of a test makes alike. */
export function evidenceKeyOf(name: string): KeyPair {
  const secret = new Uint8Array(createHash('sha256').update(`custody test ${name}`).digest());
  return { secret, recipient: publicKeyOf(secret) };
}

export const evidenceKeys: KeyRing = { current: evidenceKeyOf('evidence'), retiring: [] };
