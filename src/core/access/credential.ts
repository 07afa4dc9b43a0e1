import type { DialectName } from '../action/action.ts';
import type { Milliseconds } from '../time.ts';
import type { Identity } from './identity.ts';
import type { Scope } from './scope.ts';

/** A person who can log in. */
export interface User {
  readonly id: string;
  /** Lower case; unique. */
  readonly email: string;
  /** argon2id, in PHC form; null for somebody who logs in through the identity provider only. */
  readonly passwordHash: string | null;
  /** The name of a role; what it allows is found when the user asks for something. */
  readonly role: string;
  readonly scope: Scope;
  readonly createdAt: Milliseconds;
  /** Since then nobody can log in as this user; null: they can. */
  readonly disabledAt: Milliseconds | null;
  readonly passwordChangedAt: Milliseconds;
  /** Somebody else chose the password: it is good for choosing another one only. */
  readonly mustChangePassword: boolean;
  /** Null for none. */
  readonly secondFactor: SecondFactor | null;
  /** Who this is at the identity provider; null for somebody who logs in with a password. */
  readonly identity: Identity | null;
}

/** What an authenticator application of a person shares with the server. */
export interface SecondFactor {
  readonly sealedSecret: Uint8Array;
  /** False until the person has shown a first code: nobody is locked out by an application that was never set up. */
  readonly active: boolean;
  /** The step of the last code that was taken: each counts once. */
  readonly lastStep: number;
  /** Wrong codes since the last right one, in whichever session. */
  readonly failures: number;
  /** When the last of these came; null for none. */
  readonly failedAt: Milliseconds | null;
  /** Hashes of the codes that were not used yet and take the place of the application's, each once. */
  readonly recoveryCodes: readonly string[];
}

/** What a session still lacks. Only an `open` one lets in. */
export const sessionStages = ['open', 'second_factor', 'new_password'] as const;

export type SessionStage = (typeof sessionStages)[number];

/** A log-in of a person; the token itself is known to the client only. */
export interface Session {
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  readonly userId: string;
  /** Whose log-in opened it. It lets in there and nowhere else, so that each API's own lifetimes hold on its routes. */
  readonly dialect: DialectName;
  /** Of the log-in. */
  readonly remoteAddress: string;
  readonly createdAt: Milliseconds;
  /** Not after every request: as exact as the end of idle sessions needs it. */
  readonly lastUsedAt: Milliseconds;
  readonly expiresAt: Milliseconds;
  readonly stage: SessionStage;
  /** Wrong codes and passwords that were sent with it. */
  readonly failures: number;
  /** The hash of a password that was chosen in it, and that counts from the right code on; null for none. */
  readonly newPasswordHash: string | null;
}

export const keyLevels = ['standard', 'advanced'] as const;

export type KeyLevel = (typeof keyLevels)[number];

/** An API key as Cortex XDR has them. */
export interface ApiKey {
  /** A small positive integer, sent as `x-xdr-auth-id`. */
  readonly id: number;
  readonly name: string;
  /** The name of a role; what it allows is found when the key is used. */
  readonly role: string;
  readonly scope: Scope;
  readonly level: KeyLevel;
  /** Sealed, not hashed: an advanced key's signature can only be checked with the key itself (P43). */
  readonly sealedSecret: Uint8Array;
  readonly createdAt: Milliseconds;
  readonly createdBy: string;
  /** The user at whose word it was made, by way of another key too; null where none is known: the operating system's administrator made it. */
  readonly owner: string | null;
  /** Null for a key that does not expire. */
  readonly expiresAt: Milliseconds | null;
  /** What whoever made it wrote beside it. */
  readonly comment: string;
  /** From where it counts, addresses or ranges (promise P43); empty for everywhere. */
  readonly addresses: readonly string[];
  /** To about a minute; null for never. */
  readonly lastUsedAt: Milliseconds | null;
}

/** A nonce of an advanced key that must not come again. */
export interface SpentNonce {
  readonly keyId: number;
  /** SHA-256 of the nonce, hex. */
  readonly nonceHash: string;
  /** The timestamp that came with it is too old by itself before that, on every server. */
  readonly expiresAt: Milliseconds;
}

/** Lets machines enrol, a bounded number of times. */
export interface EnrolmentToken {
  readonly id: string;
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  readonly usesLeft: number;
  readonly tags: readonly string[];
  readonly createdAt: Milliseconds;
  readonly createdBy: string;
  readonly expiresAt: Milliseconds;
  /** Addresses and ranges that machines may enrol from; none: from anywhere. */
  readonly addresses: readonly string[];
  /** Since when it is good for nothing; null: it was not withdrawn. */
  readonly revokedAt: Milliseconds | null;
}
