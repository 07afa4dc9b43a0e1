import { z } from 'zod';
import { type Permission, permissions } from './permission.ts';

/** Cortex XDR's built-in names; the Cybereason dialect maps its own to them. */
export const roles = [
  'Instance Administrator',
  'Privileged Responder',
  'Responder',
  'Privileged Investigator',
  'Investigator',
  'Viewer',
] as const;

export type Role = (typeof roles)[number];

export const roleSchema = z.enum(roles);

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
  'lists.manage',
];

const granted: Record<Role, readonly Permission[]> = {
  'Instance Administrator': permissions,
  'Privileged Responder': [
    ...responding,
    'files.purge',
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

/** Whether a role may do everything that another may. */
export function covers(role: Role, other: Role): boolean {
  return granted[other].every((permission) => allows(role, permission));
}

export function allows(role: Role, permission: Permission): boolean {
  return granted[role].includes(permission);
}
