import type { SecondFactor, User } from '../access/credential.ts';
import { findRecoveryCode } from '../access/recovery-code.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { type Milliseconds, minute } from '../time.ts';
import { actorOf, countAttempt, logInIsOver, openHalfSession, recordWrongStep } from './half-session.ts';
import { setPassword } from './set-password.ts';

export interface ShowCode {
  readonly token: string | undefined;
  readonly code: string;
  readonly remoteAddress: string;
}

/** Beyond these, wherever they came from, no code of the user counts for a while: sessions are cheap to whoever has the password. */
const mostFailures = 10;
const barred = 15 * minute;

/**
 * The second step of a log-in: a code that the user's application shows, each of which counts once (RFC 6238, 5.2), or a recovery code,
 * which does too. A password that was chosen in this log-in counts from now on.
 * @throws Fault `unauthenticated` for a wrong or used code, or where no session waits for one
 */
export async function showCode(
  ports: Pick<Ports, 'store' | 'clock' | 'oneTimeCodes' | 'secrets'>,
  { token, code, remoteAddress }: ShowCode,
): Promise<User> {
  const at = ports.clock.now();
  const shown = await ports.store.transact(async (transaction) => {
    const half = await countAttempt(transaction, { token, stage: 'second_factor', now: at });
    if (half === undefined) {
      return undefined;
    }
    const { session } = half;
    const right = await takeCode(ports, transaction, { user: half.user, code, remoteAddress });
    if (!right) {
      await recordWrongStep(transaction, half, { at, remoteAddress });
      return { user: half.user, right };
    }
    const user =
      session.newPasswordHash === null
        ? half.user
        : await setPassword(
            transaction,
            { userId: session.userId, but: session.tokenHash, at },
            session.newPasswordHash,
          );
    await openHalfSession(transaction, half, { at, remoteAddress });
    return { user, right };
  });
  if (shown === undefined) {
    throw logInIsOver();
  }
  if (!shown.right) {
    throw new Fault(
      'unauthenticated',
      'The code is wrong or was used before. After many wrong ones, none counts for 15 minutes.',
      { details: { what: 'code' } },
    );
  }
  return shown.user;
}

export interface TakenCode {
  readonly user: User;
  readonly code: string;
  readonly remoteAddress: string;
}

/** @returns whether the code is right, and had not been used; either is kept. Recovery codes are counted and barred like others. */
export async function takeCode(
  ports: Pick<Ports, 'clock' | 'oneTimeCodes' | 'secrets'>,
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  { user, code, remoteAddress }: TakenCode,
): Promise<boolean> {
  const { secondFactor } = user;
  const now = ports.clock.now();
  if (secondFactor === null || isBarred(secondFactor, now)) {
    return false;
  }
  const step = ports.oneTimeCodes.stepOf(ports.secrets.open(secondFactor.sealedSecret), code.trim(), now);
  const isNew = step !== undefined && step > secondFactor.lastStep;
  const recovery = findRecoveryCode(user.id, code, secondFactor.recoveryCodes);
  const changed = {
    ...secondFactor,
    ...(isNew || recovery !== undefined
      ? { failures: 0, failedAt: null }
      : { failures: secondFactor.failures + 1, failedAt: now }),
    ...(isNew && { lastStep: step }),
    recoveryCodes: secondFactor.recoveryCodes.filter((hash) => hash !== recovery),
  };
  await credentials.updateUser({ ...user, secondFactor: changed });
  if (recovery !== undefined) {
    const facts = { userId: user.id, left: changed.recoveryCodes.length, remoteAddress };
    await events.append([{ type: 'recovery_code_used', at: now, actor: actorOf(user), facts }]);
  }
  return isNew || recovery !== undefined;
}

function isBarred({ failures, failedAt }: SecondFactor, now: Milliseconds): boolean {
  return failures >= mostFailures && failedAt !== null && now - failedAt < barred;
}
