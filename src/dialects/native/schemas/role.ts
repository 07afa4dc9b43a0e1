import { z } from 'zod';
import { permissions } from '#core/access/permission.ts';
import { type Contract, nothing } from './contract.ts';
import { nullableInstant, roleName } from './values.ts';

const permissionList = z.array(z.enum(permissions)).max(permissions.length);

export const role = z
  .object({
    name: roleName,
    permissions: permissionList,
    builtIn: z.boolean().meta({ description: 'Never changes.' }),
    createdAt: nullableInstant,
    createdBy: z.string().nullable(),
    changedAt: nullableInstant,
  })
  .meta({ id: 'Role' });

const named = z.strictObject({ role: z.string().min(1).max(256).meta({ description: 'Name, whatever its case.' }) });

export const listRoles = {
  name: 'listRoles',
  summary: 'The built-in roles and those that administrators made, with what they allow.',
  method: 'GET',
  path: '/roles',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z.object({ items: z.array(role) }).meta({ id: 'RoleList' }),
} as const satisfies Contract;

export const createRole = {
  name: 'createRole',
  summary: 'Makes a role. It allows nothing that its maker may not do.',
  method: 'POST',
  path: '/roles',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ name: z.string().max(256), permissions: permissionList }).meta({ id: 'NewRole' }),
  status: 201,
  reply: role,
} as const satisfies Contract;

export const changeRole = {
  name: 'changeRole',
  summary: 'Changes a role for all who have it, from their next request on.',
  method: 'POST',
  path: '/roles/{role}/changes',
  parameters: named,
  query: nothing,
  body: z
    .strictObject({ name: z.string().max(256).optional(), permissions: permissionList.optional() })
    .meta({ id: 'RoleChanges' }),
  status: 200,
  reply: role,
} as const satisfies Contract;

export const deleteRole = {
  name: 'deleteRole',
  summary: 'Deletes a role that nobody has.',
  method: 'DELETE',
  path: '/roles/{role}',
  parameters: named,
  query: nothing,
  body: null,
  status: 204,
  reply: null,
} as const satisfies Contract;
