import { permissions as allPermissions, type Permission } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import { type CustomRole, readRoleName } from '../access/role.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import { demandAccessManager, demandMayGive } from './manage-access.ts';

export interface NewRole {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** A team has a handful; each name is told in error messages. */
const mostRoles = 100;

/**
 * @throws Fault `permission_denied` for a permission that its maker has not, `invalid_request` for a bad name, `conflict` for one that
 * is taken, whatever its case, `limit_exceeded`
 */
export async function createRole(
  ports: Pick<Ports, 'store' | 'clock'>,
  by: Principal,
  request: NewRole,
): Promise<CustomRole> {
  const at = ports.clock.now();
  const role = { name: readRoleName(request.name), permissions: inOrder(request.permissions) };
  return ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    demandMayGive(own, { role, scope: own.scope });
    await demandFree(credentials, role.name);
    if ((await credentials.customRoles()).length >= mostRoles) {
      throw new Fault('limit_exceeded', `There are ${mostRoles} custom roles already: delete one first.`, {
        details: { limit: mostRoles },
      });
    }
    const createdBy = by.name === '' ? `${by.kind} ${by.id}` : by.name;
    const created = { ...role, createdAt: at, createdBy, changedAt: at };
    await credentials.insertRole(created);
    const actor = { kind: by.kind, id: by.id, name: by.name };
    await events.append([{ type: 'role_created', at, actor, facts: { ...role } }]);
    return created;
  });
}

/** As they are listed everywhere, each once. */
export function inOrder(permissions: readonly Permission[]): readonly Permission[] {
  return allPermissions.filter((permission) => permissions.includes(permission));
}

/** @throws Fault `conflict` */
export async function demandFree(credentials: CredentialReader, name: string): Promise<void> {
  const taken = await credentials.roleByName(name);
  if (taken !== undefined) {
    throw new Fault('conflict', `There is a role ${taken.name} already: names differ by more than their case.`, {
      details: { field: 'name' },
    });
  }
}
