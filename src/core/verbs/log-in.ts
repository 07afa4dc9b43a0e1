import { createHash } from 'node:crypto';
import type { SessionStage, User } from '../access/credential.ts';
import type { PasswordAttempt } from '../access/log-in-limits.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

/** No user has a longer address. */
const longestName = 254;
const addressForm = /^[^@]+@[^@]+$/;

export interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly remoteAddress: string;
}

export interface LoggedIn {
  /** 32 upper-case hex digits: the only form of session cookie that every Cybereason client accepts. */
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

type LogInPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'passwords' | 'policy' | 'logInLimits'>;

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
  const right = await ports.passwords.verify(request.password, user?.passwordHash);
  // Any number of passwords may have been judged at once.
  demandNotBarred(ports, attempt);
  const session = user === undefined || !right ? undefined : await openSession(ports, user, request.remoteAddress);
  if (session === undefined) {
    ports.logInLimits.failed(attempt);
    await recordFailure(ports, attempt);
    throw new Fault('unauthenticated', 'The user name or the password is wrong.');
  }
  ports.logInLimits.succeeded(attempt);
  return session;
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

/** Undefined where the password is another one by now: checking it takes long enough to change it. */
async function openSession(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy'>,
  known: User,
  remoteAddress: string,
): Promise<LoggedIn | undefined> {
  const now = ports.clock.now();
  const token = Buffer.from(ports.random.bytes(16)).toString('hex').toUpperCase();
  const expiresAt = now + ports.policy.sessionLifetime;
  return ports.store.transact(async ({ credentials, events }) => {
    const user = await credentials.userById(known.id);
    if (user?.passwordHash !== known.passwordHash) {
      return undefined;
    }
    const stage = stageOf(ports, user);
    await credentials.deleteSessionsExpiredBefore(now);
    const session = { tokenHash: hashToken(token), userId: user.id, createdAt: now, expiresAt };
    await credentials.insertSession({ ...session, stage, failures: 0, newPasswordHash: null });
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    await events.append([
      stage === 'open'
        ? { type: 'logged_in', at: now, actor, facts: { remoteAddress } }
        : { type: 'log_in_begun', at: now, actor, facts: { remoteAddress, stage } },
    ]);
    return { token, user, openedAt: now, expiresAt, stage };
  });
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
