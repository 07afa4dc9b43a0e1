import { hkdfSync, randomBytes } from 'node:crypto';
import { importAead, nonceBytes, tagBytes } from './aead.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { DamagedObject } from './damaged.ts';
import type { Stanza } from './header.ts';
import type { KeyPair } from './keys.ts';
import { keyBytes, publicKeyOf, sharedSecret } from './x25519.ts';

export const fileKeyBytes = 16;

const type = 'X25519';
const label = 'age-encryption.org/v1/X25519';
/** Every wrapping key is used once. */
const noNonce = new Uint8Array(nonceBytes);

/** Locks a file key to one recipient. */
export async function wrapFileKey(fileKey: Uint8Array<ArrayBuffer>, recipient: Uint8Array): Promise<Stanza> {
  const secret = new Uint8Array(randomBytes(keyBytes));
  const share = publicKeyOf(secret);
  const wrapping = wrappingKey({ secret, publicKey: recipient, share, recipient });
  const body = await (await importAead(wrapping)).seal(noNonce, fileKey);
  return { type, arguments: [toBase64(share)], body };
}

/**
 * The file key, from whichever stanza is this identity's.
 * @throws DamagedObject when there is none, or when a stanza is malformed.
 */
export async function unwrapFileKey(stanzas: readonly Stanza[], identity: KeyPair): Promise<Uint8Array> {
  if (stanzas.length > 1 && stanzas.some((stanza) => stanza.type === 'scrypt')) {
    throw malformed();
  }
  const ours = stanzas.filter((stanza) => stanza.type === type).map(parseStanza);
  for (const { share, body } of ours) {
    const wrapping = wrappingKey({ ...identity, publicKey: share, share });
    const fileKey = await (await importAead(wrapping)).open(noNonce, body);
    if (fileKey !== undefined) {
      return fileKey;
    }
  }
  throw new DamagedObject('The object is not locked to this key.');
}

interface Share {
  readonly share: Uint8Array;
  readonly body: Uint8Array<ArrayBuffer>;
}

function parseStanza(stanza: Stanza): Share {
  const [text, ...more] = stanza.arguments;
  const share = text === undefined ? undefined : fromBase64(text);
  // The length of the body is checked before it is decrypted: a longer one could be made to open under two keys.
  if (share?.length !== keyBytes || more.length > 0 || stanza.body.length !== fileKeyBytes + tagBytes) {
    throw malformed();
  }
  return { share, body: new Uint8Array(stanza.body) };
}

interface Agreement {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly share: Uint8Array;
  readonly recipient: Uint8Array;
}

function wrappingKey({ secret, publicKey, share, recipient }: Agreement): Uint8Array<ArrayBuffer> {
  const shared = sharedSecret(secret, publicKey);
  if (shared === undefined) {
    throw malformed();
  }
  return new Uint8Array(hkdfSync('sha256', shared, Buffer.concat([share, recipient]), label, keyBytes));
}

function malformed(): DamagedObject {
  return new DamagedObject('A stanza of the object’s header is malformed.');
}
