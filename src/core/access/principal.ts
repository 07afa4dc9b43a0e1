import { Fault } from '../fault.ts';
import { type Permission, permissionReach } from './permission.ts';
import { allows, builtInRole, type Role, roles } from './role.ts';
import { demandWholeFleet, type Scope } from './scope.ts';

/** `local` is whoever the operating system let open the server's own socket or data directory. */
export const principalKinds = ['user', 'key', 'local'] as const;

export type PrincipalKind = (typeof principalKinds)[number];

/** Who asks: proved by a session, a key or the operating system, never by a field of the request. */
export interface Principal {
  readonly kind: PrincipalKind;
  readonly id: string;
  /** A user's e-mail address, or a key's label. */
  readonly name: string;
  /** As it was when the request was let in. */
  readonly role: Role;
  /** Beyond it there are no endpoints, as far as this principal can tell. */
  readonly scope: Scope;
}

/** Whether the role includes it and the scope is as wide as it needs. */
export function may({ role, scope }: Pick<Principal, 'role' | 'scope'>, permission: Permission): boolean {
  return allows(role, permission) && (scope.kind === 'all' || permissionReach[permission] === 'endpoints');
}

/** @throws Fault `permission_denied` for a role that lacks it, and for a limited scope where it concerns the whole fleet. */
export function demandPermission({ role, scope }: Pick<Principal, 'role' | 'scope'>, permission: Permission): void {
  if (!allows(role, permission)) {
    const others = roles.filter((name) => allows(builtInRole(name), permission)).join(', ');
    throw new Fault(
      'permission_denied',
      `The role ${role.name} does not include the permission ${permission}; these do: ${others}.`,
      { details: { permission, role: role.name } },
    );
  }
  if (permissionReach[permission] === 'fleet') {
    demandWholeFleet(scope, `The permission ${permission} concerns`);
  }
}
