import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import { demandAccessManager, demandChangeable } from './manage-access.ts';
import { demandOwnPassword } from './own-password.ts';

/**
 * From now on somebody's password is good for choosing another one only. Sessions that are open stay so.
 * @throws Fault `not_found`, `conflict` for who has none here, `permission_denied` for one who may do more than whoever asks
 */
export async function expirePassword(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Principal,
  email: string,
): Promise<User> {
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user } = await demandChangeable(credentials, own, email);
    demandOwnPassword(user);
    const changed = { ...user, mustChangePassword: true };
    await credentials.updateUser(changed);
    const facts = { userId: user.id, email: user.email };
    await events.append([
      { type: 'password_expired', at: ports.clock.now(), actor: { kind: by.kind, id: by.id, name: by.name }, facts },
    ]);
    return changed;
  });
}
