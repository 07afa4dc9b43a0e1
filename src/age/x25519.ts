import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

export const keyBytes = 32;

/** What stands before the 32 bytes of a key in its DER forms (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');

/** The public key of a secret one, 32 bytes each. */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  const key = createPublicKey(privateKey(secret).export({ format: 'pem', type: 'pkcs8' }));
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-keyBytes));
}

/**
 * RFC 7748. Undefined for the few public keys that give the same, known secret to everybody: age readers and writers
 * must refuse them.
 */
export function sharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  const keys = { privateKey: privateKey(secret), publicKey: publicKeyObject(publicKey) };
  try {
    const shared = diffieHellman(keys);
    return shared.every((byte) => byte === 0) ? undefined : new Uint8Array(shared);
  } catch {
    // Both keys are well-formed: this is how the runtime refuses such a public key.
    return undefined;
  }
}

function privateKey(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, secret]), format: 'der', type: 'pkcs8' });
}

function publicKeyObject(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicPrefix, bytes]), format: 'der', type: 'spki' });
}
