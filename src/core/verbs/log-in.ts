import { createHash } from 'node:crypto';
import type { SessionStage, User } from '../access/credential.ts';
import type { PasswordAttempt } from '../access/log-in-limits.ts';
import { Fault } from '../fault.ts';
import type { Policy } from '../ports/policy.ts';
import type { Ports } from '../ports/ports.ts';
import type { Random } from '../ports/random.ts';
import type { CredentialWriter } from '../ports/store/credentials.ts';
import type { Milliseconds } from '../time.ts';

/** No user has a longer address. */
const longestName = 254;
/** Random bytes in a token. Clients of the Cybereason API take no more than 16. */
const tokenBytes: Readonly<Record<SessionDialect, number>> = { native: 32, cybereason: 16 };
const addressForm = /^[^@]+@[^@]+$/;

export interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly remoteAddress: string;
  /** The API that it was sent to; the session lets in there. */
  readonly dialect: SessionDialect;
  /** Of a session that the request carried: where it is the same person's it ends, and the new one takes its place. */
  readonly presented?: string | undefined;
}

/** APIs that people log in at. */
export type SessionDialect = 'native' | 'cybereason';

export interface LoggedIn {
  /** Upper-case hex digits; 32 of them at the Cybereason API: the only form of cookie that every client of it accepts. */
  readonly token: string;
  readonly user: User;
  readonly openedAt: Milliseconds;
  readonly expiresAt: Milliseconds;
  /** What the session still lacks; it lets nobody in before it is `open`. */
  readonly stage: SessionStage;
}

/** The form in which a session's token is stored and looked up. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Upper-case hex digits. */
function newToken(random: Pick<Random, 'bytes'>, dialect: SessionDialect): string {
  return Buffer.from(random.bytes(tokenBytes[dialect])).toString('hex').toUpperCase();
}

/** How long a session of an API is good at most. */
function lifetimeOf({ sessionLifetime, nativeSession }: Policy, dialect: SessionDialect): Milliseconds {
  return dialect === 'native' ? nativeSession.lifetime : sessionLifetime;
}

type LogInPorts = Pick<
  Ports,
  'store' | 'clock' | 'random' | 'passwords' | 'policy' | 'logInLimits' | 'identityProvider'
>;

/**
 * Opens a session, or one that lacks a code or a new password still.
 * @throws Fault `unauthenticated`, the same for an unknown address and a wrong password, in the same time; `rate_limited` after many
 * of these, for a right password too.
 */
export async function logIn(ports: LogInPorts, request: LogIn): Promise<LoggedIn> {
  // No store keeps a NUL; no user's address has one, nor what takes its place here.
  const email = request.email.trim().toLowerCase().replaceAll('\0', '\ufffd').slice(0, longestName).toWellFormed();
  const attempt = { email, remoteAddress: request.remoteAddress };
  demandNotBarred(ports, attempt);
  const user = await ports.store.read(({ credentials }) => credentials.userByEmail(email));
  const right = await ports.passwords.verify(request.password, user?.passwordHash ?? undefined);
  // Any number of passwords may have been judged at once.
  demandNotBarred(ports, attempt);
  const session = user === undefined || !right ? undefined : await openSession(ports, user, request);
  if (session === undefined) {
    ports.logInLimits.failed(attempt);
    await recordFailure(ports, attempt);
    throw new Fault('unauthenticated', `The user name or the password is wrong.${otherWay(ports)}`);
  }
  ports.logInLimits.succeeded(attempt);
  return session;
}

/** Said to everyone alike, so that nobody learns who has no password here. */
function otherWay({ identityProvider }: Pick<Ports, 'identityProvider'>): string {
  return identityProvider === undefined ? '' : ` Whoever logs in through ${identityProvider.name} has none here.`;
}

function demandNotBarred({ logInLimits }: Pick<Ports, 'logInLimits'>, attempt: PasswordAttempt): void {
  const retryAfterSeconds = logInLimits.barredFor(attempt);
  if (retryAfterSeconds !== undefined) {
    throw new Fault(
      'rate_limited',
      `After many wrong passwords none counts for ${retryAfterSeconds} seconds. Try again then.`,
      {
        details: { retryAfterSeconds },
      },
    );
  }
}

/** What a user must still do after a right password: choose another one first, then show a code. */
function stageOf(
  { clock, policy }: Pick<Ports, 'clock' | 'policy'>,
  user: Pick<User, 'passwordChangedAt' | 'mustChangePassword' | 'secondFactor'>,
): SessionStage {
  const age = clock.now() - user.passwordChangedAt;
  const isOld = policy.passwordLifetime !== null && age >= policy.passwordLifetime;
  if (user.mustChangePassword || isOld) {
    return 'new_password';
  }
  return user.secondFactor?.active === true ? 'second_factor' : 'open';
}

/** Undefined where the password is another one by now, for checking it takes long enough to change it, and for who is disabled. */
async function openSession(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy'>,
  known: User,
  { remoteAddress, dialect, presented }: LogIn,
): Promise<LoggedIn | undefined> {
  return ports.store.transact(async ({ credentials, events }) => {
    const user = await credentials.userById(known.id);
    if (user?.passwordHash !== known.passwordHash || user.disabledAt !== null) {
      return undefined;
    }
    const stage = stageOf(ports, user);
    const before = presented === undefined ? undefined : hashToken(presented);
    const fresh = await insertSession(ports, credentials, { user, stage, remoteAddress, dialect, before });
    const at = fresh.openedAt;
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    await events.append([
      stage === 'open'
        ? { type: 'logged_in', at, actor, facts: { remoteAddress } }
        : { type: 'log_in_begun', at, actor, facts: { remoteAddress, stage } },
    ]);
    return fresh;
  });
}

export interface FreshSession extends Pick<LogIn, 'remoteAddress' | 'dialect'> {
  readonly user: User;
  readonly stage: SessionStage;
  /** Hash of the token that the client carried before. */
  readonly before?: string | undefined;
}

/** Every log-in has a token of its own, and ends the session of the same person that its client carried. */
export async function insertSession(
  { clock, random, policy }: Pick<Ports, 'clock' | 'random' | 'policy'>,
  credentials: CredentialWriter,
  { user, stage, remoteAddress, dialect, before }: FreshSession,
): Promise<LoggedIn> {
  const now = clock.now();
  const token = newToken(random, dialect);
  const expiresAt = now + lifetimeOf(policy, dialect);
  await credentials.deleteSessionsExpiredBefore(now);
  await endFormer(credentials, user, before);
  const session = { tokenHash: hashToken(token), userId: user.id, dialect, remoteAddress };
  const times = { createdAt: now, lastUsedAt: now, expiresAt };
  await credentials.insertSession({ ...session, ...times, stage, failures: 0, newPasswordHash: null });
  return { token, user, openedAt: now, expiresAt, stage };
}

async function endFormer(credentials: CredentialWriter, { id }: User, before: string | undefined): Promise<void> {
  const former = before === undefined ? undefined : await credentials.sessionByTokenHash(before);
  if (former?.userId === id) {
    await credentials.deleteSession(former.tokenHash);
  }
}

/** Somebody was not who they said they were. What has not the form of an address may be a password in the wrong field, and events stay. */
async function recordFailure(
  ports: Pick<Ports, 'store' | 'clock'>,
  { email, remoteAddress }: PasswordAttempt,
): Promise<void> {
  const actor = { kind: 'user', id: '', name: addressForm.test(email) ? email : 'unknown' } as const;
  await ports.store.transact(({ events }) =>
    events.append([{ type: 'log_in_failed', at: ports.clock.now(), actor, facts: { remoteAddress } }]),
  );
}
