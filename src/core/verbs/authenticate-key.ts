import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { hour } from '../time.ts';

/** The four headers of the Cortex XDR API, as they came. */
export interface KeyProof {
  readonly keyId: string | undefined;
  /** The key itself, or for an advanced key SHA-256 over key, nonce and timestamp, in hex. */
  readonly authorization: string | undefined;
  readonly nonce: string | undefined;
  /** Milliseconds since 1970, as text. */
  readonly timestamp: string | undefined;
}

/** Real connectors keep one nonce and timestamp for a whole session, so the window is wide and a nonce may come again. */
const timestampWindow = 24 * hour;
const longestNonce = 256;

/**
 * @throws Fault `unauthenticated`, always with the same message: what exactly was wrong is for the server's log.
 */
export async function authenticateKey(
  ports: Pick<Ports, 'store' | 'clock' | 'secrets' | 'log'>,
  proof: KeyProof,
): Promise<Principal> {
  const id = /^[1-9]\d{0,8}$/.test(proof.keyId ?? '') ? Number(proof.keyId) : undefined;
  const key = id === undefined ? undefined : await ports.store.read(({ credentials }) => credentials.keyById(id));
  const flaw = key === undefined ? 'unknown key id' : flawOf(ports, key, proof);
  if (key === undefined || flaw !== undefined) {
    ports.log.info('An API key was refused.', { keyId: proof.keyId?.slice(0, 20), why: flaw });
    throw new Fault('unauthenticated', 'The API key, its id or its signature is wrong.');
  }
  return { kind: 'key', id: String(key.id), name: key.name, role: key.role };
}

function flawOf(ports: Pick<Ports, 'clock' | 'secrets'>, key: ApiKey, proof: KeyProof): string | undefined {
  if (key.expiresAt !== null && key.expiresAt <= ports.clock.now()) {
    return 'the key has expired';
  }
  const secret = new TextDecoder().decode(ports.secrets.open(key.sealedSecret));
  if (key.level === 'standard') {
    return equal(proof.authorization ?? '', secret)
      ? undefined
      : 'wrong key, or an advanced signature for a standard key';
  }
  return flawOfSignature(ports.clock.now(), secret, proof);
}

function flawOfSignature(now: number, secret: string, proof: KeyProof): string | undefined {
  const { nonce = '', timestamp = '' } = proof;
  if (nonce === '' || nonce.length > longestNonce || !/^\d{1,16}$/.test(timestamp)) {
    return 'an advanced key needs x-xdr-nonce and x-xdr-timestamp (milliseconds)';
  }
  if (Math.abs(now - Number(timestamp)) > timestampWindow) {
    return 'the timestamp is outside the window of 24 hours';
  }
  const expected = advancedSignature(secret, nonce, timestamp);
  return equal((proof.authorization ?? '').toLowerCase(), expected) ? undefined : 'wrong signature';
}

/** Plain concatenation, not HMAC (the vendor's page and its published test vector). */
export function advancedSignature(secret: string, nonce: string, timestamp: string): string {
  return createHash('sha256').update(`${secret}${nonce}${timestamp}`).digest('hex');
}

/** Compares digests, so that neither length nor content shows in the time. */
function equal(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
