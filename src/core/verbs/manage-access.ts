import type { User } from '../access/credential.ts';
import { isKnownAt } from '../access/identity.ts';
import { permissions } from '../access/permission.ts';
import { demandPermission, may, type Principal } from '../access/principal.ts';
import { beyond, type Role } from '../access/role.ts';
import { demandNoWiderScope, includes, type Scope } from '../access/scope.ts';
import { Fault } from '../fault.ts';
import type { CredentialReader } from '../ports/store/credentials.ts';
import { roleOf } from './find-role.ts';

/** How far somebody's word reaches: what they may do, on which endpoints. */
export interface Power {
  readonly role: Role;
  readonly scope: Scope;
}

/**
 * What whoever asks may do as this transaction sees it: between the door and here somebody may have been demoted, disabled or
 * deleted, or their role changed, and what they change about others counts by what they are now.
 * @throws Fault `permission_denied` for who may not manage access any more
 */
export async function demandAccessManager(credentials: CredentialReader, by: Principal): Promise<Power> {
  const power = await powerNow(credentials, by);
  if (power === undefined) {
    throw new Fault(
      'permission_denied',
      'You may not do anything here any more: your user or key is gone or disabled.',
    );
  }
  demandPermission(power, 'access.manage');
  return power;
}

async function powerNow(credentials: CredentialReader, by: Principal): Promise<Power | undefined> {
  if (by.kind === 'local') {
    return by;
  }
  if (by.kind === 'user') {
    const user = await credentials.userById(by.id);
    return user === undefined || user.disabledAt !== null ? undefined : powerOf(credentials, user);
  }
  const key = /^\d{1,9}$/.test(by.id) ? await credentials.keyById(Number(by.id)) : undefined;
  return key && powerOf(credentials, key);
}

export async function powerOf(
  credentials: CredentialReader,
  holder: { readonly role: string; readonly scope: Scope },
): Promise<Power> {
  return { role: await roleOf(credentials, holder), scope: holder.scope };
}

/**
 * Nobody gives what they have not.
 * @throws Fault `permission_denied` for a role that may do, or a scope that reaches, more than that of whoever gives it
 */
export function demandMayGive(own: Power, given: Power): void {
  const more = beyond(own.role, given.role);
  if (more.length > 0) {
    throw new Fault(
      'permission_denied',
      `The role ${own.role.name} cannot give the role ${given.role.name}, which may do more: ${more.join(', ')}.`,
      { details: { role: given.role.name, permissions: more } },
    );
  }
  demandNoWiderScope(own.scope, given.scope);
}

/**
 * Nobody changes, shuts out or takes over somebody who may do more than they: whoever could set another's password could be them.
 * @param whom the holder as the object of a sentence
 * @throws Fault `permission_denied`
 */
export function demandMayChange(own: Power, held: Power, whom: string): void {
  const more = beyond(own.role, held.role);
  if (more.length > 0 || !includes(own.scope, held.scope)) {
    const excess = more.length > 0 ? `may do more: ${more.join(', ')}` : 'reaches endpoints beyond yours';
    throw new Fault(
      'permission_denied',
      `The role ${own.role.name} cannot change ${whom}, with the role ${held.role.name}, which ${excess}.`,
      { details: { role: held.role.name, permissions: more } },
    );
  }
}

/**
 * Whom a request names, by id or by address, and what they may do, for whoever may change them.
 * @throws Fault `not_found`, `permission_denied`
 */
export async function demandChangeable(
  credentials: CredentialReader,
  own: Power,
  name: string,
): Promise<{ readonly user: User; readonly held: Power }> {
  const user = await demandUser(credentials, name);
  const held = await powerOf(credentials, user);
  demandMayChange(own, held, user.email);
  return { user, held };
}

/** By id or by address. @throws Fault `not_found` */
export async function demandUser(credentials: CredentialReader, name: string): Promise<User> {
  const spelt = name.trim().replaceAll('\0', '\ufffd').toWellFormed();
  const user = (await credentials.userById(spelt)) ?? (await credentials.userByEmail(spelt.toLowerCase()));
  if (user === undefined) {
    throw new Fault('not_found', 'There is no such user. "custody user list" shows those there are.', {
      details: { what: 'user' },
    });
  }
  return user;
}

/** @throws Fault `permission_denied` for oneself: a session that was stolen must not be enough to take the account over. */
export function demandOther(by: Principal, user: User, advice: string): void {
  if (by.kind === 'user' && by.id === user.id) {
    throw new Fault('permission_denied', `Not for yourself: ${advice}`);
  }
}

/**
 * Does what may take somebody's power, and afterwards sees to it that an administrator is left: a person who can log in and may do
 * everything on every endpoint. Without one, nobody could ever be given everything again.
 * @param issuer of the provider that people log in through now; undefined where there is none
 * @throws Fault `conflict`, and nothing is kept
 */
export async function keepingAnAdministrator<Result>(
  credentials: CredentialReader,
  issuer: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const had = await hasAdministrator(credentials, issuer);
  const result = await work();
  if (had && !(await hasAdministrator(credentials, issuer))) {
    throw new Fault(
      'conflict',
      'This would take the last administrator away: one person must be able to log in who may do everything on every endpoint. Make another Instance Administrator first.',
      { details: { what: 'last_administrator' } },
    );
  }
  return result;
}

/**
 * Whether this user, and nobody else, can log in and do everything on every endpoint.
 * @param issuer of the provider through which a log-in counts; undefined where only those with a password do
 */
export async function isLastAdministrator(
  credentials: CredentialReader,
  issuer: string | undefined,
  user: User,
): Promise<boolean> {
  return (await isAdministrator(credentials, issuer, user)) && !(await hasAdministrator(credentials, issuer, user.id));
}

/** Whether anybody but `without` can log in and do everything on every endpoint. */
export async function hasAdministrator(
  credentials: CredentialReader,
  issuer: string | undefined,
  without?: string,
): Promise<boolean> {
  for (const user of await credentials.users()) {
    if (user.id !== without && (await isAdministrator(credentials, issuer, user))) {
      return true;
    }
  }
  return false;
}

async function isAdministrator(
  credentials: CredentialReader,
  issuer: string | undefined,
  user: User,
): Promise<boolean> {
  const hasWayIn = user.passwordHash !== null || isKnownAt(issuer, user);
  if (user.disabledAt !== null || !hasWayIn) {
    return false;
  }
  return mayEverything(await powerOf(credentials, user));
}

/** On every endpoint. */
export function mayEverything(power: Power): boolean {
  return permissions.every((permission) => may(power, permission));
}
