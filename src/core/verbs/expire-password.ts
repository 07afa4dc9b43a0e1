import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandOwnPassword } from './own-password.ts';

/** From now on somebody's password is good for choosing another one only. Sessions that are open stay so. @throws Fault `not_found`, `conflict` for who has none here */
export async function expirePassword(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  email: string,
): Promise<User> {
  return ports.store.transact(async ({ credentials, events }) => {
    const user = await credentials.userByEmail(email.trim().toLowerCase());
    if (user === undefined) {
      throw new Fault('not_found', 'There is no user with this e-mail address.', { details: { what: 'user' } });
    }
    demandOwnPassword(user);
    const changed = { ...user, mustChangePassword: true };
    await credentials.updateUser(changed);
    const facts = { userId: user.id, email: user.email };
    await events.append([{ type: 'password_expired', at: ports.clock.now(), actor: by, facts }]);
    return changed;
  });
}
