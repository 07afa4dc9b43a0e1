import { builtInRoleNamed, type Role, roles } from '../access/role.ts';
import { Fault } from '../fault.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';

type Roles = Pick<CredentialReader, 'roleByName'>;

/** A built-in role, or one that an administrator made; whatever the case of its name. */
export async function findRole(credentials: Roles, name: string): Promise<Role | undefined> {
  return builtInRoleNamed(name) ?? (await credentials.roleByName(name));
}

/** What somebody who has this role may do now. A role that is gone allows nothing. */
export async function roleOf(credentials: Roles, { role: name }: { readonly role: string }): Promise<Role> {
  return (await findRole(credentials, name)) ?? { name, permissions: [] };
}

/** @throws Fault `invalid_request` for a role that is to be given and does not exist */
export async function demandRole(
  credentials: Pick<CredentialReader, 'roleByName' | 'customRoles'>,
  name: string,
): Promise<Role> {
  const found = await findRole(credentials, name);
  if (found === undefined) {
    const others = (await credentials.customRoles()).map((role) => role.name);
    throw new Fault('invalid_request', `There is no such role; there are ${[...roles, ...others].join(', ')}.`, {
      details: { field: 'role' },
    });
  }
  return found;
}
