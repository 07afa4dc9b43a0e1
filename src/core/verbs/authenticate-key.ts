import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, SpentNonce } from '../access/credential.ts';
import type { KeyAttempt } from '../access/key-limits.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Clock } from '../ports/clock.ts';
import type { SignatureRule } from '../ports/policy.ts';
import type { Ports } from '../ports/ports.ts';
import { hour, type Milliseconds, minute, second } from '../time.ts';

/** The four headers of the Cortex XDR API, as they came. */
export interface KeyProof {
  readonly keyId: string | undefined;
  /** The key itself, or for an advanced key SHA-256 over key, nonce and timestamp, in hex. */
  readonly authorization: string | undefined;
  readonly nonce: string | undefined;
  /** Milliseconds since 1970, as text. */
  readonly timestamp: string | undefined;
  readonly remoteAddress: string;
}

type KeyPorts = Pick<Ports, 'store' | 'clock' | 'secrets' | 'policy' | 'log' | 'keyLimits' | 'requestLimits'>;

/** How far a timestamp may be from the server's time. Real connectors keep one, and its nonce, for a whole session. */
const windows: Readonly<Record<SignatureRule, Milliseconds>> = { lenient: 24 * hour, strict: 5 * minute };
const longestNonce = 256;
/** Nonces are kept longer than their time is good, for the clocks of two servers of one store may differ. */
const keptWindows = 2;
/**
 * No zero in front: key, nonce and timestamp are signed as one text, so that a zero could be moved from the end of a
 * nonce to the timestamp, and the same signature would come with a nonce that was never seen.
 */
const timestampForm = /^[1-9]\d{0,15}$/;
/** What a refusal takes, more than a wrong password does; whoever guesses costs the server a timer meanwhile. */
const refusalPause: Milliseconds = second / 10;

/**
 * Under the strict rule each nonce of an advanced key is written into the store, and counts once on every server of it.
 * @throws Fault `unauthenticated`, always with the same message and not at once: what exactly was wrong is for the server's log;
 * `rate_limited` after many of these from one address, for the right key too, and when a key asks too often.
 */
export async function authenticateKey(ports: KeyPorts, proof: KeyProof): Promise<Principal> {
  const attempt = { keyId: proof.keyId ?? '', remoteAddress: proof.remoteAddress };
  demandNotBarred(ports, attempt);
  const id = /^[1-9]\d{0,8}$/.test(proof.keyId ?? '') ? Number(proof.keyId) : undefined;
  const key = id === undefined ? undefined : await ports.store.read(({ credentials }) => credentials.keyById(id));
  const flaw = key === undefined ? 'unknown key id' : await flawOf(ports, key, proof);
  // Any number of keys may have been judged at once.
  demandNotBarred(ports, attempt);
  if (key === undefined || flaw !== undefined) {
    if (proof.keyId !== undefined) {
      ports.keyLimits.refused(attempt);
    }
    // What is no id may be the key itself, in the wrong header.
    ports.log.info('An API key was refused.', { keyId: id, why: flaw });
    await pause(ports.clock, refusalPause);
    throw new Fault('unauthenticated', 'The API key, its id or its signature is wrong.');
  }
  const principal = { kind: 'key', id: String(key.id), name: key.name, role: key.role, scope: key.scope } as const;
  ports.requestLimits.demand(principal);
  return principal;
}

function demandNotBarred({ keyLimits }: Pick<Ports, 'keyLimits'>, attempt: KeyAttempt): void {
  const retryAfterSeconds = keyLimits.barredFor(attempt);
  if (retryAfterSeconds !== undefined) {
    throw new Fault(
      'rate_limited',
      `After many wrong keys with this id none counts from this address for ${retryAfterSeconds} seconds.`,
      { details: { retryAfterSeconds } },
    );
  }
}

async function flawOf(ports: KeyPorts, key: ApiKey, proof: KeyProof): Promise<string | undefined> {
  if (key.expiresAt !== null && key.expiresAt <= ports.clock.now()) {
    return 'the key has expired';
  }
  const secret = new TextDecoder().decode(ports.secrets.open(key.sealedSecret));
  if (key.level === 'standard') {
    return equal(proof.authorization ?? '', secret)
      ? undefined
      : 'wrong key, or an advanced signature for a standard key';
  }
  return flawOfSignature(ports, { key, secret }, proof);
}

async function flawOfSignature(
  ports: KeyPorts,
  { key, secret }: { readonly key: ApiKey; readonly secret: string },
  proof: KeyProof,
): Promise<string | undefined> {
  const { nonce = '', timestamp = '' } = proof;
  const rule = ports.policy.cortex.signatures;
  const window = windows[rule];
  if (nonce === '' || nonce.length > longestNonce || !timestampForm.test(timestamp)) {
    return `an advanced key needs x-xdr-nonce (1 to ${longestNonce} characters) and x-xdr-timestamp (milliseconds)`;
  }
  if (Math.abs(ports.clock.now() - Number(timestamp)) > window) {
    return `the timestamp is more than ${window / minute} minutes from this server's time`;
  }
  if (!equal((proof.authorization ?? '').toLowerCase(), advancedSignature(secret, nonce, timestamp))) {
    return 'wrong signature, or a standard key sent as it is for an advanced one';
  }
  const expiresAt = Number(timestamp) + keptWindows * window;
  const spent = { keyId: key.id, nonceHash: sha256(nonce).toString('hex'), expiresAt };
  return rule === 'lenient' || (await spend(ports, spent)) ? undefined : 'the nonce was used before';
}

/** Only what a right signature vouches for is written, so that strangers cannot fill the store. */
function spend({ store, clock }: KeyPorts, nonce: SpentNonce): Promise<boolean> {
  return store.transact(({ credentials }) => credentials.spendNonce(nonce, clock.now()));
}

/** Plain concatenation, not HMAC (the vendor's page and its published test vector). */
export function advancedSignature(secret: string, nonce: string, timestamp: string): string {
  return sha256(`${secret}${nonce}${timestamp}`).toString('hex');
}

/** Compares digests, so that neither length nor content shows in the time. */
function equal(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function pause(clock: Clock, length: Milliseconds): Promise<void> {
  return new Promise((resolve) => clock.schedule(length, resolve));
}
