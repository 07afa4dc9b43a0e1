import type { User } from '../access/credential.ts';
import { isSubject } from '../access/identity.ts';
import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandProvider } from './begin-provider-log-in.ts';
import { demandAccessManager, demandChangeable, demandOther, isLastAdministrator } from './manage-access.ts';

export interface UserLink {
  readonly email: string;
  /** Who it is at the identity provider. */
  readonly subject: string;
}

/**
 * Says that a user is somebody whom the identity provider knows: from now on they log in there and nowhere else. Their password and
 * second factor are forgotten, their sessions end, and their next log-in brings the role of their groups.
 * @throws Fault `not_found` for no such user or no provider, `permission_denied` for one who may do more than whoever asks, and for oneself, `invalid_request` for what can be no subject, `conflict` for one who is
 * another user already, and for the last administrator who has a password, or who can log in
 */
export async function linkUser(
  ports: Pick<Ports, 'store' | 'clock' | 'identityProvider'>,
  by: Principal,
  { email, subject }: UserLink,
): Promise<User> {
  const { issuer } = demandProvider(ports);
  if (!isSubject(subject)) {
    throw new Fault('invalid_request', 'subject: has 1 to 255 printable ASCII characters.', {
      details: { field: 'subject' },
    });
  }
  const identity = { issuer, subject };
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const { user } = await demandChangeable(credentials, own, email);
    demandOther(by, user, 'have another administrator link you.');
    // Of a subject nobody knows whether it leads anywhere before somebody comes that way: a password does.
    const isLast =
      (await isLastAdministrator(credentials, undefined, user)) ||
      (await isLastAdministrator(credentials, issuer, user));
    if (isLast) {
      throw new Fault(
        'conflict',
        'Without this user nobody with a password could do everything, and links that lead nowhere would shut everybody out. Make another Instance Administrator with a password first.',
        { details: { what: 'last_administrator' } },
      );
    }
    const other = await credentials.userByIdentity(identity);
    if (other !== undefined && other.id !== user.id) {
      throw new Fault('conflict', `This subject is the user ${other.email} already.`, { details: { what: 'subject' } });
    }
    const changed = { ...user, identity, passwordHash: null, mustChangePassword: false, secondFactor: null };
    await credentials.updateUser(changed);
    await credentials.deleteSessionsOf(user.id, undefined);
    const facts = { userId: user.id, email: user.email, ...identity };
    const actor = { kind: by.kind, id: by.id, name: by.name };
    await events.append([{ type: 'user_linked', at: ports.clock.now(), actor, facts }]);
    return changed;
  });
}
