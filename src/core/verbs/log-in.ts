import { createHash } from 'node:crypto';
import type { User } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

export interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly remoteAddress: string;
}

export interface LoggedIn {
  /** 32 upper-case hex digits: the only form of session cookie that every Cybereason client accepts. */
  readonly token: string;
  readonly user: User;
  readonly expiresAt: Milliseconds;
}

/** The form in which a session's token is stored and looked up. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** @throws Fault `unauthenticated`, the same for an unknown address and a wrong password, in the same time. */
export async function logIn(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'passwords' | 'policy'>,
  request: LogIn,
): Promise<LoggedIn> {
  // No store keeps a NUL; no user's address has one, nor what takes its place here.
  const email = request.email.trim().toLowerCase().replaceAll('\0', '\ufffd');
  const user = await ports.store.read(({ credentials }) => credentials.userByEmail(email));
  const right = await ports.passwords.verify(request.password, user?.passwordHash);
  if (user === undefined || !right) {
    await recordFailure(ports, email, request.remoteAddress);
    throw new Fault('unauthenticated', 'The user name or the password is wrong.');
  }
  return openSession(ports, user, request.remoteAddress);
}

async function openSession(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'policy'>,
  user: User,
  remoteAddress: string,
): Promise<LoggedIn> {
  const now = ports.clock.now();
  const token = Buffer.from(ports.random.bytes(16)).toString('hex').toUpperCase();
  const expiresAt = now + ports.policy.sessionLifetime;
  await ports.store.transact(async ({ credentials, events }) => {
    await credentials.deleteSessionsExpiredBefore(now);
    await credentials.insertSession({ tokenHash: hashToken(token), userId: user.id, createdAt: now, expiresAt });
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    await events.append([{ type: 'logged_in', at: now, actor, facts: { remoteAddress } }]);
  });
  return { token, user, expiresAt };
}

async function recordFailure(
  ports: Pick<Ports, 'store' | 'clock'>,
  email: string,
  remoteAddress: string,
): Promise<void> {
  const actor = { kind: 'user', id: '', name: email.slice(0, 254) } as const;
  await ports.store.transact(({ events }) =>
    events.append([{ type: 'log_in_failed', at: ports.clock.now(), actor, facts: { remoteAddress } }]),
  );
}
