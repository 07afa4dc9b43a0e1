import type { User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { tagsOf } from '../access/scope.ts';
import type { Ports } from '../ports/ports.ts';
import { demandAccessManager, demandChangeable, keepingAnAdministrator } from './manage-access.ts';

/**
 * Ends a user for good: nobody can log in as them, and their sessions end. Events and actions keep their id and name. Keys are
 * nobody's: those that they made go on, and are deleted by themselves.
 * @param name id or address
 * @throws Fault `not_found`, `permission_denied` for one who may do more than whoever asks, `conflict` for the last administrator
 */
export function deleteUser(ports: Pick<Ports, 'store' | 'clock'>, by: Principal, name: string): Promise<User> {
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user } = await demandChangeable(credentials, own, name);
    await keepingAnAdministrator(credentials, () => credentials.deleteUser(user.id));
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { userId: user.id, email: user.email, role: user.role, tags: tagsOf(user.scope) };
    await events.append([{ type: 'user_deleted', at: ports.clock.now(), actor, facts }]);
    return user;
  });
}
