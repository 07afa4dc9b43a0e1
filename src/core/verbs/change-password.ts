import type { SessionStage } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandPassword } from './create-user.ts';
import {
  countAttempt,
  findSession,
  type HalfSession,
  logInIsOver,
  openHalfSession,
  recordWrongStep,
  type StepFacts,
} from './half-session.ts';
import { demandOwnPassword } from './own-password.ts';
import { setPassword } from './set-password.ts';

export interface NewPassword {
  readonly token: string | undefined;
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly remoteAddress: string;
}

type PasswordPorts = Pick<Ports, 'store' | 'clock' | 'passwords'>;

/**
 * The step of a log-in whose password has expired. The user's other sessions end. Where a code is still to come, the new password
 * counts from the right code on: whoever has nothing but the old one changes nothing.
 * @returns what the session lacks now.
 * @throws Fault `unauthenticated` for a wrong old password, or where no session waits for a new one; `invalid_request` for a new
 * one that is too short or the old one
 */
export async function renewPassword(ports: PasswordPorts, request: NewPassword): Promise<SessionStage> {
  const { half, passwordHash, facts } = await checkPasswords(ports, request, 'new_password');
  const stage = await ports.store.transact(async (transaction) => {
    const now = await sameSession(transaction, request.token, half);
    if (now === undefined) {
      return undefined;
    }
    const { tokenHash, userId } = now.session;
    if (now.user.secondFactor?.active === true) {
      const waiting = { stage: 'second_factor', failures: 0, newPasswordHash: passwordHash } as const;
      await transaction.credentials.updateSession({ tokenHash, ...waiting });
      return waiting.stage;
    }
    await setPassword(transaction, { userId, but: tokenHash, at: facts.at }, passwordHash);
    await openHalfSession(transaction, now, facts);
    return 'open';
  });
  if (stage === undefined) {
    throw logInIsOver();
  }
  return stage;
}

/**
 * Changes the password of somebody who is logged in; all their other sessions end.
 * @throws Fault `unauthenticated` where the token is no open session's, `permission_denied` for a wrong old password, which after a
 * few ends the session, `invalid_request` for a new one that is too short or the old one, `conflict` for somebody whose password is
 * the identity provider's
 */
export async function changePassword(ports: PasswordPorts, request: NewPassword): Promise<void> {
  const { half, passwordHash, facts } = await checkPasswords(ports, request, 'open');
  const changed = await ports.store.transact(async (transaction) => {
    const now = await sameSession(transaction, request.token, half);
    if (now === undefined) {
      return false;
    }
    const { tokenHash, userId } = now.session;
    await setPassword(transaction, { userId, but: tokenHash, at: facts.at }, passwordHash);
    await transaction.credentials.updateSession({ ...now.session, failures: 0 });
    return true;
  });
  if (!changed) {
    throw logInIsOver();
  }
}

interface Checked {
  /** The session and its user as they were when the old password was right. */
  readonly half: HalfSession;
  /** Of the new password. */
  readonly passwordHash: string;
  readonly facts: StepFacts;
}

/** Both passwords, without a transaction around the slow hashes. */
async function checkPasswords(ports: PasswordPorts, request: NewPassword, stage: SessionStage): Promise<Checked> {
  const { token, oldPassword, newPassword, remoteAddress } = request;
  demandNewPassword(oldPassword, newPassword);
  const at = ports.clock.now();
  const half = await ports.store.transact(async (transaction) => {
    const counted = await countAttempt(transaction, { token, stage, now: at });
    if (counted !== undefined) {
      demandOwnPassword(counted.user);
    }
    return counted;
  });
  if (half === undefined) {
    throw logInIsOver();
  }
  const facts = { at, remoteAddress };
  if (!(await ports.passwords.verify(oldPassword, half.user.passwordHash ?? undefined))) {
    await ports.store.transact((transaction) => recordWrongStep(transaction, half, facts));
    const code = stage === 'open' ? 'permission_denied' : 'unauthenticated';
    throw new Fault(code, 'The old password is wrong.', { details: { what: 'password', field: 'oldPassword' } });
  }
  return { half, passwordHash: await ports.passwords.hash(newPassword), facts };
}

/** As the session and its user are now; undefined where it has ended since, or the password is another by now. */
async function sameSession(
  { credentials }: Parameters<typeof countAttempt>[0],
  token: string | undefined,
  { session, user }: HalfSession,
): Promise<HalfSession | undefined> {
  // The time is that of the attempt: a slow hash lets no log-in expire.
  const now = await findSession(credentials, { token, stage: session.stage, now: session.createdAt });
  return now?.user.passwordHash === user.passwordHash ? now : undefined;
}

function demandNewPassword(oldPassword: string, newPassword: string): void {
  demandPassword(newPassword, 'newPassword');
  if (newPassword === oldPassword) {
    throw new Fault('invalid_request', 'The new password is the old one: choose another.', {
      details: { field: 'newPassword' },
    });
  }
}
