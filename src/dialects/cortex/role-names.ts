import { type Role, roles } from '#core/access/role.ts';
import type { Ports } from '#core/ports/ports.ts';
import { findRole } from '#core/verbs/find-role.ts';
import { wrongField } from './read-fields.ts';

/** A role's name is free text here, so that custom ones go by their own. Undefined for a name that no role has, whatever its case. */
export function roleNamed({ store }: Pick<Ports, 'store'>, name: string): Promise<Role | undefined> {
  return store.read(({ credentials }) => findRole(credentials, name.replaceAll('\0', '\ufffd').toWellFormed()));
}

/** @throws Fault `invalid_request` */
export async function demandRoles(ports: Pick<Ports, 'store'>, names: readonly string[]): Promise<readonly Role[]> {
  const found: Role[] = [];
  for (const [index, name] of names.entries()) {
    const role = await roleNamed(ports, name);
    if (role === undefined) {
      const custom = await ports.store.read(({ credentials }) => credentials.customRoles());
      const all = [...roles, ...custom.map((each) => each.name)];
      throw wrongField(`roles.${index}`, `there is no such role; use ${all.join(', ')}`);
    }
    found.push(role);
  }
  return found;
}
