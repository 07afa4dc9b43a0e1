import type { User } from '../access/credential.ts';
import { isKnownAt } from '../access/identity.ts';
import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import { demandPassword } from './create-user.ts';
import { demandAccessManager, demandChangeable, demandOther } from './manage-access.ts';
import { demandOwnPassword } from './own-password.ts';

export interface PasswordReset {
  /** Id or address. */
  readonly user: string;
  readonly password: string;
}

/**
 * Gives somebody who has lost theirs another password, which is good for choosing a third one only; their sessions end. A second
 * factor stays. Who was known to a provider that this server has no more logs in with it from then on: there is no other way back.
 * @throws Fault `not_found`, `permission_denied` for one who may do more than whoever asks, and for oneself, `invalid_request`, `conflict` for who logs in
 * through the identity provider that this server has now
 */
export async function resetPassword(
  ports: Pick<Ports, 'store' | 'clock' | 'passwords' | 'identityProvider'>,
  by: Principal,
  { user: name, password }: PasswordReset,
): Promise<User> {
  demandPassword(password, 'password');
  const passwordHash = await ports.passwords.hash(password);
  const at = ports.clock.now();
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user } = await demandChangeable(credentials, own, name);
    demandOther(by, user, 'change your password with the old one.');
    if (isKnownAt(ports.identityProvider?.issuer, user)) {
      demandOwnPassword(user);
    }
    const changed = { ...user, identity: null, passwordHash, passwordChangedAt: at, mustChangePassword: true };
    await credentials.updateUser(changed);
    await credentials.deleteSessionsOf(user.id, undefined);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const { id: userId, email, identity } = user;
    const facts = { userId, email, ...(identity && { unlinked: { ...identity } }) };
    await events.append([{ type: 'password_reset', at, actor, facts }]);
    return changed;
  });
}
