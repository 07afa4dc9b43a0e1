import { createHash, timingSafeEqual } from 'node:crypto';
import { isInRanges } from '../access/address-range.ts';
import type { ApiKey, SpentNonce } from '../access/credential.ts';
import type { KeyAttempt } from '../access/key-limits.ts';
import type { Principal } from '../access/principal.ts';
import { builtInRoleNamed, type Role } from '../access/role.ts';
import { asFault, Fault } from '../fault.ts';
import type { Clock } from '../ports/clock.ts';
import type { SignatureRule } from '../ports/policy.ts';
import type { Ports } from '../ports/ports.ts';
import { hour, type Milliseconds, minute, second } from '../time.ts';
import { secretLength } from './create-key.ts';
import { roleOf } from './find-role.ts';

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

type KeyPorts = Pick<
  Ports,
  'store' | 'clock' | 'clockGuard' | 'secrets' | 'policy' | 'log' | 'keyLimits' | 'requestLimits'
>;

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
  const flaw = await flawOf(ports, key, proof);
  // What it may do is asked for last, so that nobody learns from the time what kind of role a key has that is not theirs.
  const found = key === undefined || flaw !== undefined ? undefined : await keyAndRole(ports, key);
  // Any number of keys may have been judged at once.
  demandNotBarred(ports, attempt);
  if (found === undefined) {
    if (proof.keyId !== undefined) {
      ports.keyLimits.refused(attempt);
    }
    // What is no id may be the key itself, in the wrong header.
    ports.log.info('An API key was refused.', { keyId: id, why: flaw });
    await pause(ports.clock, refusalPause);
    throw new Fault('unauthenticated', 'The API key, its id or its signature is wrong.');
  }
  const { role } = found;
  const { name, scope } = found.key;
  const principal = { kind: 'key', id: String(found.key.id), name, role, scope } as const;
  ports.requestLimits.demand(principal);
  await noteUse(ports, found.key);
  return principal;
}

/** Once a minute, for not every request shall be a write; a store that takes none shuts nobody out. */
async function noteUse({ store, clock, log }: Pick<KeyPorts, 'store' | 'clock' | 'log'>, key: ApiKey): Promise<void> {
  const now = clock.now();
  if (key.lastUsedAt !== null && now - key.lastUsedAt < minute) {
    return;
  }
  try {
    await store.transact(({ credentials }) => credentials.touchKey(key.id, now));
  } catch (thrown) {
    log.warn('The use of a key could not be recorded.', { keyId: key.id, cause: asFault(thrown) });
  }
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

interface HeldKey {
  readonly key: ApiKey;
  readonly role: Role;
}

/** Both as they are in one moment; undefined where the key has been deleted meanwhile. */
async function keyAndRole({ store }: Pick<Ports, 'store'>, known: ApiKey): Promise<HeldKey | undefined> {
  const builtIn = builtInRoleNamed(known.role);
  if (builtIn !== undefined) {
    return { key: known, role: builtIn };
  }
  return store.read(async ({ credentials }) => {
    const key = await credentials.keyById(known.id);
    return key && { key, role: await roleOf(credentials, key) };
  });
}

/**
 * The same work for a key that does not exist, or has expired, as for a wrong one (P44): a secret is opened and compared, whatever comes
 * of it. Without a key, the level is the one that the request looks like.
 */
async function flawOf(ports: KeyPorts, key: ApiKey | undefined, proof: KeyProof): Promise<string | undefined> {
  const sealed = key?.sealedSecret ?? nobodysSecret(ports.secrets);
  const secret = new TextDecoder().decode(ports.secrets.open(sealed));
  const level = key?.level ?? (proof.nonce === undefined ? 'standard' : 'advanced');
  const expired = key !== undefined && key.expiresAt !== null && key.expiresAt <= ports.clock.now();
  const flaw = level === 'standard' ? flawOfSecret(secret, proof) : flawOfSignature(ports, secret, proof);
  if (key === undefined || expired) {
    return key === undefined ? 'unknown key id' : 'the key has expired';
  }
  if (key.addresses.length > 0 && !isInRanges(proof.remoteAddress, key.addresses)) {
    return 'the key does not count from this address';
  }
  return flaw ?? (level === 'advanced' ? await flawOfNonce(ports, key, proof) : undefined);
}

const nobodys = new WeakMap<Ports['secrets'], Uint8Array>();

/** What stands for the secret of a key that does not exist: as long as theirs, and nobody's. */
function nobodysSecret(secrets: Ports['secrets']): Uint8Array {
  const made = nobodys.get(secrets) ?? secrets.seal(new TextEncoder().encode('-'.repeat(secretLength)));
  nobodys.set(secrets, made);
  return made;
}

function flawOfSecret(secret: string, { authorization = '' }: KeyProof): string | undefined {
  return equal(authorization, secret) ? undefined : 'wrong key, or an advanced signature for a standard key';
}

function flawOfSignature(
  ports: Pick<KeyPorts, 'clock' | 'policy'>,
  secret: string,
  proof: KeyProof,
): string | undefined {
  const { nonce = '', timestamp = '' } = proof;
  const window = windows[ports.policy.cortex.signatures];
  if (nonce === '' || nonce.length > longestNonce || !timestampForm.test(timestamp)) {
    return `an advanced key needs x-xdr-nonce (1 to ${longestNonce} characters) and x-xdr-timestamp (milliseconds)`;
  }
  if (Math.abs(ports.clock.now() - Number(timestamp)) > window) {
    return `the timestamp is more than ${window / minute} minutes from this server's time`;
  }
  if (!equal((proof.authorization ?? '').toLowerCase(), advancedSignature(secret, nonce, timestamp))) {
    return 'wrong signature, or a standard key sent as it is for an advanced one';
  }
  return undefined;
}

/** Of a right signature. */
async function flawOfNonce(ports: KeyPorts, key: ApiKey, proof: KeyProof): Promise<string | undefined> {
  const { nonce = '', timestamp = '' } = proof;
  const rule = ports.policy.cortex.signatures;
  const window = windows[rule];
  const expiresAt = Number(timestamp) + keptWindows * window;
  const spent = { keyId: key.id, nonceHash: sha256(nonce).toString('hex'), expiresAt };
  return rule === 'lenient' || (await spend(ports, spent)) ? undefined : 'the nonce was used before';
}

/**
 * Only what a right signature vouches for is written, so that strangers cannot fill the store. Others are forgotten by a time that surely
 * came: once a clock that was ahead is set right, they would be good again.
 */
function spend({ store, clockGuard }: KeyPorts, nonce: SpentNonce): Promise<boolean> {
  return store.transact(({ credentials }) => credentials.spendNonce(nonce, clockGuard.surely.now()));
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
