import type { SessionStage, User } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandPassword } from './create-user.ts';
import { demandHalfSession, recordWrongStep } from './half-session.ts';
import { hashToken, stageOf } from './log-in.ts';

export interface RenewPassword {
  readonly token: string | undefined;
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly remoteAddress: string;
}

type PasswordPorts = Pick<Ports, 'store' | 'clock' | 'passwords' | 'policy'>;

/**
 * The step of a log-in whose password has expired. The user's other sessions end.
 * @returns what the session lacks now.
 * @throws Fault `unauthenticated` for a wrong old password, or where no session waits for a new one; `invalid_request` for a new
 * one that is too short or the old one
 */
export async function renewPassword(ports: PasswordPorts, request: RenewPassword): Promise<SessionStage> {
  const half = await demandHalfSession(ports, request.token, 'new_password');
  if (!(await ports.passwords.verify(request.oldPassword, half.user.passwordHash))) {
    await recordWrongStep(ports, half, request.remoteAddress);
    throw new Fault('unauthenticated', 'The old password is wrong.', { details: { what: 'password' } });
  }
  const user = await replacePassword(ports, half.user, { ...request, but: half.session.tokenHash });
  const stage = stageOf(ports, user);
  await ports.store.transact(({ credentials }) =>
    credentials.updateSession({ tokenHash: half.session.tokenHash, stage, failures: 0 }),
  );
  return stage;
}

export interface ChangePassword {
  readonly userId: string;
  readonly oldPassword: string;
  readonly newPassword: string;
  /** Of the session that stays. */
  readonly token: string | undefined;
}

/**
 * Changes the password of somebody who is logged in; all their other sessions end.
 * @throws Fault `permission_denied` for a wrong old password, `invalid_request` for a new one that is too short or the old one
 */
export async function changePassword(ports: PasswordPorts, request: ChangePassword): Promise<void> {
  const user = await ports.store.read(({ credentials }) => credentials.userById(request.userId));
  if (user === undefined || !(await ports.passwords.verify(request.oldPassword, user.passwordHash))) {
    throw new Fault('permission_denied', 'The old password is wrong.', { details: { field: 'oldPassword' } });
  }
  const but = request.token === undefined ? undefined : hashToken(request.token);
  await replacePassword(ports, user, { ...request, but });
}

interface Replacement {
  readonly oldPassword: string;
  readonly newPassword: string;
  /** The session that stays. */
  readonly but: string | undefined;
}

async function replacePassword(
  ports: PasswordPorts,
  user: User,
  { oldPassword, newPassword, but }: Replacement,
): Promise<User> {
  demandPassword(newPassword, 'newPassword');
  if (newPassword === oldPassword) {
    throw new Fault('invalid_request', 'The new password is the old one: choose another.', {
      details: { field: 'newPassword' },
    });
  }
  const now = ports.clock.now();
  const passwordHash = await ports.passwords.hash(newPassword);
  const changed = { ...user, passwordHash, passwordChangedAt: now, mustChangePassword: false };
  await ports.store.transact(async ({ credentials, events }) => {
    await credentials.updateUser(changed);
    await credentials.deleteSessionsOf(user.id, but);
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    await events.append([{ type: 'password_changed', at: now, actor, facts: { userId: user.id } }]);
  });
  return changed;
}
