import type { Milliseconds } from '../time.ts';

/** Codes that an authenticator application shows (RFC 6238: SHA-1, 30 seconds, 6 digits). */
export interface OneTimeCodes {
  /** 20 random bytes. */
  newSecret(): Uint8Array;
  /** What people type into an application: the secret in base32. */
  spell(secret: Uint8Array): string;
  /** What an application reads from a picture: an `otpauth://` address. */
  address(secret: Uint8Array, account: string): string;
  /** The number of the 30-second step whose code this is, one step of difference in clocks allowed; undefined for none. */
  stepOf(secret: Uint8Array, code: string, now: Milliseconds): number | undefined;
}
