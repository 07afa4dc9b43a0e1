import type { Principal } from '../access/principal.ts';
import type { CustomRole } from '../access/role.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import { demandCustomRole } from './change-role.ts';
import { demandAccessManager, demandMayChange } from './manage-access.ts';

/** Named in the refusal; the others are counted. */
const mostNamed = 20;

/**
 * Deletes a role that nobody has: who lost theirs by it could do nothing, and would not know why.
 * @throws Fault `conflict` for a built-in role and for one in use, `not_found`, `permission_denied` for one that may do more than
 * whoever asks
 */
export function deleteRole(ports: Pick<Ports, 'store' | 'clock'>, by: Principal, name: string): Promise<CustomRole> {
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const role = await demandCustomRole(credentials, name);
    demandMayChange(own, { role, scope: own.scope }, 'this role');
    await demandUnused(credentials, role);
    await credentials.deleteRole(role.name);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { name: role.name, permissions: role.permissions };
    await events.append([{ type: 'role_deleted', at: ports.clock.now(), actor, facts }]);
    return role;
  });
}

async function demandUnused(credentials: CredentialReader, { name }: CustomRole): Promise<void> {
  const users = (await credentials.users()).filter(({ role }) => role === name).map(({ email }) => email);
  const keys = (await credentials.keys()).filter(({ role }) => role === name).map(({ id }) => `key ${id}`);
  const holders = [...users, ...keys];
  if (holders.length > 0) {
    const named = holders.slice(0, mostNamed).join(', ');
    const more = holders.length > mostNamed ? ` and ${holders.length - mostNamed} more` : '';
    throw new Fault(
      'conflict',
      `The role ${name} is in use by ${named}${more}: give these users another role, and delete these keys, first.`,
      { details: { what: 'role_in_use', users: users.slice(0, mostNamed), keys: keys.slice(0, mostNamed) } },
    );
  }
}
