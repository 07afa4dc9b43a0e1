import type { Permission } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import { builtInRoleNamed, type CustomRole, readRoleName, roleKey } from '../access/role.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import { demandFree, inOrder } from './create-role.ts';
import { demandAccessManager, demandMayChange, demandMayGive, keepingAnAdministrator } from './manage-access.ts';

export interface ChangeRole {
  /** As it is called now. */
  readonly role: string;
  /** What is left out stays. */
  readonly changes: { readonly name?: string | undefined; readonly permissions?: readonly Permission[] | undefined };
}

/**
 * Changes a role for all who have it, from their next request on.
 * @throws Fault `permission_denied` where the role allows, or would allow, what whoever asks may not, `conflict` for a built-in role,
 * for a name that is taken, and where no administrator would be left, `not_found`, `invalid_request`
 */
export async function changeRole(
  ports: Pick<Ports, 'store' | 'clock' | 'identityProvider'>,
  by: Principal,
  { role: former, changes }: ChangeRole,
): Promise<CustomRole> {
  const at = ports.clock.now();
  const name = changes.name === undefined ? undefined : readRoleName(changes.name);
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const before = await demandCustomRole(credentials, former);
    const permissions = inOrder(changes.permissions ?? before.permissions);
    const after = { ...before, name: name ?? before.name, permissions, changedAt: at };
    demandMayChange(own, { role: before, scope: own.scope }, 'this role');
    demandMayGive(own, { role: after, scope: own.scope });
    if (roleKey(after.name) !== roleKey(before.name)) {
      await demandFree(credentials, after.name);
    }
    if (after.name === before.name && after.permissions.join() === before.permissions.join()) {
      return before;
    }
    const issuer = ports.identityProvider?.issuer;
    await keepingAnAdministrator(credentials, issuer, () => credentials.updateRole(before.name, after));
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = {
      from: { name: before.name, permissions: before.permissions },
      to: { name: after.name, permissions: after.permissions },
    };
    await events.append([{ type: 'role_changed', at, actor, facts }]);
    return after;
  });
}

/** @throws Fault `conflict` for a built-in role, `not_found` */
export async function demandCustomRole(credentials: CredentialReader, name: string): Promise<CustomRole> {
  const builtIn = builtInRoleNamed(name);
  if (builtIn !== undefined) {
    throw new Fault('conflict', `${builtIn.name} is a built-in role, which never changes. Make one of your own.`, {
      details: { what: 'built_in_role' },
    });
  }
  const found = await credentials.roleByName(name.replaceAll('\0', '\ufffd').toWellFormed());
  if (found === undefined) {
    throw new Fault('not_found', 'There is no such role. "custody role list" shows those there are.', {
      details: { what: 'role' },
    });
  }
  return found;
}
