import type { GroupRule, ProvenIdentity } from '../access/identity.ts';

/** What one log-in is bound to; each is 256 random bits in base64url. */
export interface LogInSecrets {
  /** Comes back with the answer: it was this browser that asked. */
  readonly state: string;
  /** Comes back within the signed token: it was made for this log-in. */
  readonly nonce: string;
  /** Is shown for the token: whoever redeems a code is whoever asked for it (RFC 7636). */
  readonly codeVerifier: string;
}

/** A provider of identities whom the administrator trusts to say who somebody is: OpenID Connect Core 1.0, the code flow. */
export interface IdentityProvider {
  /** How people call it. */
  readonly name: string;
  readonly issuer: string;
  /** Which of its groups may do what here. */
  readonly rules: readonly GroupRule[];
  /**
   * Where a browser is sent to log in.
   * @throws Fault `unavailable` while the provider cannot be reached, or says of itself what cannot be right.
   */
  addressFor(secrets: LogInSecrets): Promise<string>;
  /**
   * Redeems what a browser brought back from there.
   * @param answer the query of the redirect, without `?`.
   * @throws Fault `unavailable` as above; `unauthenticated` for an answer that proves nothing, with a `LogInRefusal` as the detail `reason`.
   */
  redeem(answer: string, secrets: LogInSecrets): Promise<ProvenIdentity>;
}

/** Why a log-in through a provider came to nothing, as the record of events says it. */
export const logInRefusals = [
  /** The answer came to a browser that had not begun a log-in, or another one. */
  'other_browser',
  'too_late',
  'used_before',
  /** The provider's own word: the person gave up, or may not use this server. */
  'refused_by_provider',
  'provider_unavailable',
  /** The code bought no token. */
  'code_refused',
  /** The answer, or the token that came for its code, was not what it should be. */
  'answer_refused',
  'no_email',
  'email_not_verified',
  /** The address is that of a user who is somebody else as far as anyone can tell. */
  'email_taken',
  'no_role',
  /** Whoever manages access here has shut them out. */
  'disabled',
  /** The groups would take away the last administrator. */
  'last_administrator',
  /** The one-time code that a command line showed opens no session. */
  'hand_over_refused',
] as const;

export type LogInRefusal = (typeof logInRefusals)[number];
