import type { PrincipalKind } from '../access/principal.ts';
import { hour, type Milliseconds } from '../time.ts';

/** Whose request it is, and which: keys of different principals never meet. */
export interface RequestKey {
  readonly principalKind: PrincipalKind;
  readonly principalId: string;
  /** Of the Idempotency-Key as the client chose it: SHA-256 in hex. */
  readonly keyHash: string;
}

/** A request that was carried out, with what it was answered. */
export interface AnsweredRequest extends RequestKey {
  /**
   * The fingerprint of the request and the answer. Encrypted, because some answers hold a secret that is shown once, and a
   * password could be guessed from the hash of a request that has one.
   */
  readonly sealed: Uint8Array;
  readonly expiresAt: Milliseconds;
}

/** How long an answer is kept. */
export const answerLifetime: Milliseconds = 24 * hour;
/** Of one principal at a time. Beyond it new keys are refused: to forget one early could carry out its request twice. */
export const mostAnswers = 20_000;
