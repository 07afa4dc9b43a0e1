import { Fault } from '../fault.ts';
import type { Milliseconds } from '../time.ts';
import { type Permission, permissions } from './permission.ts';

/** Cortex XDR's built-in names; the Cybereason dialect maps its own to them. They never change. */
export const roles = [
  'Instance Administrator',
  'Privileged Responder',
  'Responder',
  'Privileged Investigator',
  'Investigator',
  'Viewer',
] as const;

export type BuiltInRole = (typeof roles)[number];

/** What somebody may do, by name. A principal carries it as it was when they proved who they are. */
export interface Role {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/** A role that an administrator made. */
export interface CustomRole extends Role {
  readonly createdAt: Milliseconds;
  readonly createdBy: string;
  readonly changedAt: Milliseconds;
}

const reading: readonly Permission[] = ['endpoints.read', 'files.read', 'actions.read', 'incidents.read', 'lists.read'];
const investigating: readonly Permission[] = [
  ...reading,
  'files.search',
  'files.fetch',
  'evidence.download',
  'incidents.manage',
];
const responding: readonly Permission[] = [
  ...investigating,
  'files.quarantine',
  'files.restore',
  'actions.cancel',
  'emergency.stop',
  'lists.manage',
];

const granted: Record<BuiltInRole, readonly Permission[]> = {
  'Instance Administrator': permissions,
  'Privileged Responder': [
    ...responding,
    'files.purge',
    'actions.approve',
    'evidence.delete',
    'events.read',
    'endpoints.enrol',
    'endpoints.manage',
  ],
  Responder: responding,
  'Privileged Investigator': [...investigating, 'events.read'],
  Investigator: investigating,
  Viewer: reading,
};

export function builtInRole(name: BuiltInRole): Role {
  return { name, permissions: granted[name] };
}

/** The built-in role with this name, whatever its case. */
export function builtInRoleNamed(name: string): Role | undefined {
  const key = roleKey(name);
  const found = roles.find((role) => roleKey(role) === key);
  return found && builtInRole(found);
}

const longestName = 64;
/** Letters of any script, but nothing that a list, an address or a terminal would read otherwise. */
const nameForm = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._()&+'-]*$/u;

/** Two names with the same key are the same name: neither case nor the way in which a letter is composed makes another one. */
export function roleKey(name: string): string {
  return spelt(name).toUpperCase().toLowerCase();
}

/**
 * The name of a role that somebody makes.
 * @throws Fault `invalid_request` for one that cannot be one, `conflict` for a built-in one
 */
export function readRoleName(text: string): string {
  const name = spelt(text);
  if (name.length > longestName || !nameForm.test(name)) {
    const message = `A role's name has 1 to ${longestName} letters, digits, spaces and . _ ( ) & + ' - and begins with a letter or a digit.`;
    throw new Fault('invalid_request', message, { details: { field: 'name' } });
  }
  const builtIn = builtInRoleNamed(name);
  if (builtIn !== undefined) {
    throw new Fault('conflict', `${builtIn.name} is a built-in role, which never changes: take another name.`, {
      details: { field: 'name' },
    });
  }
  return name;
}

function spelt(name: string): string {
  return name.normalize('NFKC').trim().replaceAll(/ +/g, ' ');
}

/** Whether a role may do everything that another may. */
export function covers(role: Role, other: Role): boolean {
  return beyond(role, other).length === 0;
}

/** What another role may do and this one may not. */
export function beyond(role: Role, other: Role): readonly Permission[] {
  return other.permissions.filter((permission) => !allows(role, permission));
}

export function allows(role: Role, permission: Permission): boolean {
  return role.permissions.includes(permission);
}

/**
 * The widest built-in role that may do nothing that this one may not: what is true of it is true of this one, for clients that know
 * no other names. Undefined for a role that may do less than any of them.
 */
export function nearestBuiltIn(role: Role): BuiltInRole | undefined {
  const covered = roles.filter((name) => covers(role, builtInRole(name)));
  return covered.toSorted((one, other) => granted[other].length - granted[one].length)[0];
}
