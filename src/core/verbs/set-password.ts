import type { User } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { actorOf } from './half-session.ts';

export interface PasswordOwner {
  readonly userId: string;
  /** Hash of the token of the session that stays; undefined for none. */
  readonly but: string | undefined;
  readonly at: Milliseconds;
}

/** Gives a user another password, which that user chose: all other sessions end. */
export async function setPassword(
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  { userId, but, at }: PasswordOwner,
  passwordHash: string,
): Promise<User> {
  // As it is now: a row that was read before the slow hash could bring back a second factor, or a code, that is gone.
  const user = await credentials.userById(userId);
  if (user === undefined) {
    throw new Fault('not_found', 'There is no such user any more.', { details: { what: 'user' } });
  }
  const changed = { ...user, passwordHash, passwordChangedAt: at, mustChangePassword: false };
  await credentials.updateUser(changed);
  await credentials.deleteSessionsOf(userId, but);
  await events.append([{ type: 'password_changed', at, actor: actorOf(user), facts: { userId } }]);
  return changed;
}
