import { type Role, roles } from '#core/access/role.ts';

/** The role with this name, whatever its case. */
export function roleNamed(name: string): Role | undefined {
  return roles.find((role) => role.toLowerCase() === name.trim().toLowerCase());
}
