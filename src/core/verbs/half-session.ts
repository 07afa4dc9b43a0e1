import type { Session, SessionStage, User } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import type { Transaction } from '../ports/store/store.ts';
import { type Milliseconds, minute } from '../time.ts';
import { hashToken } from './log-in.ts';

export interface HalfSession {
  readonly session: Session;
  readonly user: User;
}

export interface NamedStep {
  readonly token: string | undefined;
  /** What the session must wait for; `open` for one that waits for nothing. */
  readonly stage: SessionStage;
  readonly now: Milliseconds;
}

/** Where and when somebody took a step. */
export interface StepFacts {
  readonly at: Milliseconds;
  readonly remoteAddress: string;
}

/** After so many wrong codes or passwords a session is over, and the log-in begins anew. */
const mostFailures = 5;
/** How long a log-in may take from the password to its end: a session that is not whole is not left lying about for hours. */
const longestLogIn = 10 * minute;

/** The session that a step belongs to; undefined where there is none that waits for this step. */
export async function findSession(
  credentials: CredentialReader,
  { token, stage, now }: NamedStep,
): Promise<HalfSession | undefined> {
  const session = token === undefined ? undefined : await credentials.sessionByTokenHash(hashToken(token));
  if (session === undefined || session.stage !== stage || isOver(session, now)) {
    return undefined;
  }
  const user = await credentials.userById(session.userId);
  return user && { session, user };
}

function isOver({ stage, createdAt, expiresAt }: Session, now: Milliseconds): boolean {
  return expiresAt <= now || (stage !== 'open' && createdAt + longestLogIn <= now);
}

/**
 * Counts one attempt before it is judged, so that any number of attempts at once are as many as one after the other.
 * @returns the session with the attempt in it; undefined where there is none, or it has had all its attempts.
 */
export async function countAttempt(
  { credentials }: Pick<Transaction, 'credentials'>,
  step: NamedStep,
): Promise<HalfSession | undefined> {
  const found = await findSession(credentials, step);
  if (found === undefined || found.session.failures >= mostFailures) {
    return undefined;
  }
  const session = { ...found.session, failures: found.session.failures + 1 };
  await credentials.updateSession(session);
  return { session, user: found.user };
}

/** Records that a counted attempt was wrong, and ends the session with the last that it has. */
export async function recordWrongStep(
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  { session, user }: HalfSession,
  { at, remoteAddress }: StepFacts,
): Promise<void> {
  if (session.failures >= mostFailures) {
    await credentials.deleteSession(session.tokenHash);
  }
  const facts = { remoteAddress, stage: session.stage };
  await events.append([{ type: 'log_in_failed', at, actor: actorOf(user), facts }]);
}

/** The session lacks nothing any more. */
export async function openHalfSession(
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  { session, user }: HalfSession,
  { at, remoteAddress }: StepFacts,
): Promise<void> {
  const { tokenHash } = session;
  await credentials.updateSession({ tokenHash, stage: 'open', failures: 0, newPasswordHash: null });
  await events.append([{ type: 'logged_in', at, actor: actorOf(user), facts: { remoteAddress } }]);
}

export function actorOf({ id, email }: Pick<User, 'id' | 'email'>) {
  return { kind: 'user', id, name: email } as const;
}

export function logInIsOver(): Fault {
  return new Fault('unauthenticated', 'This log-in is over. Begin again.');
}
