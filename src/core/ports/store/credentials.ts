import type { ApiKey, EnrolmentToken, Session, User } from '../../access/credential.ts';
import type { Milliseconds } from '../../time.ts';

export interface CredentialReader {
  userById(id: string): Promise<User | undefined>;
  /** `email` in lower case. */
  userByEmail(email: string): Promise<User | undefined>;
  users(): Promise<readonly User[]>;
  sessionByTokenHash(tokenHash: string): Promise<Session | undefined>;
  keyById(id: number): Promise<ApiKey | undefined>;
  keys(): Promise<readonly ApiKey[]>;
  tokens(): Promise<readonly EnrolmentToken[]>;
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
  /** @returns the key with the next free id. */
  insertKey(key: Omit<ApiKey, 'id'>): Promise<ApiKey>;
  insertToken(token: EnrolmentToken): Promise<void>;
  /** Takes one use, guarded: undefined when the token is unknown, used up or expired at `now`. */
  spendToken(tokenHash: string, now: Milliseconds): Promise<EnrolmentToken | undefined>;
}
