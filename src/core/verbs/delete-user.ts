import type { User } from '../access/credential.ts';
import { isKnownAt } from '../access/identity.ts';
import type { Principal } from '../access/principal.ts';
import { tagsOf } from '../access/scope.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandAccessManager, demandChangeable, demandOther, keepingAnAdministrator } from './manage-access.ts';

/**
 * Ends a user for good: nobody can log in as them, and their sessions end. Events and actions keep their id and name. Keys
 * that they made go on, with what they may do, and are deleted by themselves; what is ordered with one is ordered by them still.
 * @param name id or address
 * @throws Fault `not_found`, `permission_denied` for one who may do more than whoever asks, and for oneself, `conflict` for the last
 * administrator, and for who logs in through the identity provider that this server has now
 */
export function deleteUser(
  ports: Pick<Ports, 'store' | 'clock' | 'identityProvider'>,
  by: Principal,
  name: string,
): Promise<User> {
  const issuer = ports.identityProvider?.issuer;
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user } = await demandChangeable(credentials, own, name);
    demandOther(by, user, 'have another administrator delete you.');
    demandNoReturn(user, issuer);
    await keepingAnAdministrator(credentials, issuer, () => credentials.deleteUser(user.id));
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { userId: user.id, email: user.email, role: user.role, tags: tagsOf(user.scope) };
    await events.append([{ type: 'user_deleted', at: ports.clock.now(), actor, facts }]);
    return user;
  });
}

/** The next log-in would make them anew, as somebody else than who they were. */
function demandNoReturn(user: User, issuer: string | undefined): void {
  if (issuer !== undefined && isKnownAt(issuer, user)) {
    throw new Fault(
      'conflict',
      `${user.email} logs in through ${issuer}, and would be here again with the next log-in. Disable the user instead, or take the groups away there.`,
      { details: { what: 'user', issuer } },
    );
  }
}
