import { Fault } from '../fault.ts';
import type { Permission } from './permission.ts';
import { allows, type Role, roles } from './role.ts';

/** `local` is whoever the operating system let open the server's own socket or data directory. */
export const principalKinds = ['user', 'key', 'local'] as const;

export type PrincipalKind = (typeof principalKinds)[number];

/** Who asks: proved by a session, a key or the operating system, never by a field of the request. */
export interface Principal {
  readonly kind: PrincipalKind;
  readonly id: string;
  /** A user's e-mail address, or a key's label. */
  readonly name: string;
  readonly role: Role;
}

/** @throws Fault `permission_denied` */
export function demandPermission(principal: Principal, permission: Permission): void {
  if (!allows(principal.role, permission)) {
    const others = roles.filter((role) => allows(role, permission)).join(', ');
    throw new Fault(
      'permission_denied',
      `The role ${principal.role} does not include the permission ${permission}; these do: ${others}.`,
      { details: { permission, role: principal.role } },
    );
  }
}
