import type { ApiKey, EnrolmentToken, Session, SpentNonce, User } from '../../access/credential.ts';
import type { Milliseconds } from '../../time.ts';

export interface CredentialReader {
  userById(id: string): Promise<User | undefined>;
  /** `email` in lower case. */
  userByEmail(email: string): Promise<User | undefined>;
  users(): Promise<readonly User[]>;
  sessionByTokenHash(tokenHash: string): Promise<Session | undefined>;
  /** Undefined for a key that was deleted too. */
  keyById(id: number): Promise<ApiKey | undefined>;
  /** Expired ones too, by id; none that was deleted. */
  keys(): Promise<readonly ApiKey[]>;
  /** Used up, expired and withdrawn ones too. */
  tokens(): Promise<readonly EnrolmentToken[]>;
  tokenByHash(tokenHash: string): Promise<EnrolmentToken | undefined>;
}

export interface CredentialWriter extends CredentialReader {
  /** @throws Fault `conflict` when the e-mail address is taken. */
  insertUser(user: User): Promise<void>;
  /** Everything of the user but the id and the address. */
  updateUser(user: User): Promise<void>;
  /** What the session lacks from now on, how often it was wrong, and which password was chosen in it. */
  updateSession(session: Pick<Session, 'tokenHash' | 'stage' | 'failures' | 'newPasswordHash'>): Promise<void>;
  /** Ends the user's sessions, but for one. */
  deleteSessionsOf(userId: string, but: string | undefined): Promise<void>;
  insertSession(session: Session): Promise<void>;
  deleteSession(tokenHash: string): Promise<void>;
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
  insertToken(token: EnrolmentToken): Promise<void>;
  /** For good, guarded: undefined when there is no such token, or it was withdrawn before. */
  revokeToken(id: string, now: Milliseconds): Promise<EnrolmentToken | undefined>;
  /** Takes one use, guarded: undefined when the token is unknown, used up, withdrawn or expired at `now`. */
  spendToken(tokenHash: string, now: Milliseconds): Promise<EnrolmentToken | undefined>;
}
