import type { ApiKey, EnrolmentToken, Session, SpentNonce, User } from '../../access/credential.ts';
import type { Identity } from '../../access/identity.ts';
import type { CustomRole } from '../../access/role.ts';
import type { Milliseconds } from '../../time.ts';

export interface CredentialReader {
  userById(id: string): Promise<User | undefined>;
  /** `email` in lower case. */
  userByEmail(email: string): Promise<User | undefined>;
  userByIdentity(identity: Identity): Promise<User | undefined>;
  users(): Promise<readonly User[]>;
  sessionByTokenHash(tokenHash: string): Promise<Session | undefined>;
  /** Expired ones too, those used last first. */
  sessionsOf(userId: string): Promise<readonly Session[]>;
  /** Undefined for a key that was deleted too. */
  keyById(id: number): Promise<ApiKey | undefined>;
  /** Of a key that was deleted too; undefined where there was none. */
  ownerOfKey(id: number): Promise<ApiKey['owner'] | undefined>;
  /** Ids of all that somebody had made, of deleted ones too. */
  keysOwnedBy(userId: string): Promise<readonly number[]>;
  /** Expired ones too, by id; none that was deleted. */
  keys(): Promise<readonly ApiKey[]>;
  /** Used up, expired and withdrawn ones too. */
  tokens(): Promise<readonly EnrolmentToken[]>;
  /** By name, as `roleKey` compares names. */
  roleByName(name: string): Promise<CustomRole | undefined>;
  customRoles(): Promise<readonly CustomRole[]>;
  tokenByHash(tokenHash: string): Promise<EnrolmentToken | undefined>;
}

export interface CredentialWriter extends CredentialReader {
  /** @throws Fault `conflict` when the e-mail address or the identity is taken. */
  insertUser(user: User): Promise<void>;
  /** Everything of the user but the id and the address. @throws Fault `conflict` when the identity is another user's. */
  updateUser(user: User): Promise<void>;
  /** With all sessions. */
  deleteUser(id: string): Promise<void>;
  /** What the session lacks from now on, how often it was wrong, and which password was chosen in it. */
  updateSession(session: Pick<Session, 'tokenHash' | 'stage' | 'failures' | 'newPasswordHash'>): Promise<void>;
  /** Ends the user's sessions, but for one. */
  deleteSessionsOf(userId: string, but: string | undefined): Promise<void>;
  insertSession(session: Session): Promise<void>;
  deleteSession(tokenHash: string): Promise<void>;
  touchKey(id: number, lastUsedAt: Milliseconds): Promise<void>;
  touchSession(tokenHash: string, lastUsedAt: Milliseconds): Promise<void>;
  deleteSessionsExpiredBefore(time: Milliseconds): Promise<void>;
  /** @returns the key with the next id; one that a deleted key had never comes again. */
  insertKey(key: Omit<ApiKey, 'id'>): Promise<ApiKey>;
  /** Forgets the key and its secret for good; false when there is none. */
  deleteKey(id: number, now: Milliseconds): Promise<boolean>;
  /**
   * Takes a nonce of a key, guarded: false when it was taken before and has not expired at `now`. Expired ones are
   * forgotten on the way, so that no more are kept than came within the life of one.
   */
  spendNonce(nonce: SpentNonce, now: Milliseconds): Promise<boolean>;
  /** @throws Fault `conflict` when a custom role has the name. */
  insertRole(role: CustomRole): Promise<void>;
  /**
   * Changes the role that has a name now; users and keys that have it keep it under its new name.
   * @throws Fault `conflict` when another custom role has that.
   */
  updateRole(name: string, role: CustomRole): Promise<void>;
  deleteRole(name: string): Promise<void>;
  /**
   * Takes what is good for one log-in, guarded: false when it was taken before and has not expired at `now`. Expired ones are
   * forgotten on the way.
   * @param hash SHA-256, hex.
   */
  spendLogIn(spent: { readonly hash: string; readonly expiresAt: Milliseconds }, now: Milliseconds): Promise<boolean>;
  insertToken(token: EnrolmentToken): Promise<void>;
  /** Ends every token that is still good at `now`. @returns how many. */
  expireTokens(now: Milliseconds): Promise<number>;
  /** For good, guarded: undefined when there is no such token, or it was withdrawn before. */
  revokeToken(id: string, now: Milliseconds): Promise<EnrolmentToken | undefined>;
  /** Takes one use, guarded: undefined when the token is unknown, used up, withdrawn or expired at `now`. */
  spendToken(tokenHash: string, now: Milliseconds): Promise<EnrolmentToken | undefined>;
}
