import { z } from 'zod';
import type { User } from '#core/access/credential.ts';
import { permissions } from '#core/access/permission.ts';
import { allows, type CustomRole, type Role } from '#core/access/role.ts';
import type { Json } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { roleNamed } from '../role-names.ts';

const fields = z.object({
  role_names: z
    .array(z.string('must be a string'), 'must be a list of role names')
    .min(1, 'must name at least one role')
    .max(100, 'must name at most 100 roles'),
});

/** Get Roles: a list of lists, one for each name. */
export const getRoles: GuardedOperation = {
  method: 'POST',
  paths: callPaths('rbac/get_roles'),
  access: { permission: 'access.manage', licence: anyLicence },
  async run({ request, ports }) {
    const { role_names: names } = readFields(fields, (await readBody(request)).data);
    const asked = await Promise.all([...new Set(names)].map((name) => demandRole(ports, name)));
    const { users, custom } = await ports.store.read(async ({ credentials }) => ({
      users: await credentials.users(),
      custom: await credentials.customRoles(),
    }));
    const distinct = [...new Map(asked.map((role) => [role.name, role])).values()];
    return reply(distinct.map((role) => [roleItem(role, { users, custom })]));
  },
};

async function demandRole(ports: Pick<Ports, 'store'>, name: string): Promise<Role> {
  const role = await roleNamed(ports, name);
  if (role === undefined) {
    throw new Fault('not_found', `There is no role ${name}.`, { details: { what: 'role' } });
  }
  return role;
}

interface Known {
  readonly users: readonly User[];
  readonly custom: readonly CustomRole[];
}

/** Nobody made the built-in roles, and they never change. */
function roleItem(role: Role, { users, custom }: Known): Json {
  const made = custom.find(({ name }) => name === role.name);
  return {
    pretty_name: role.name,
    permissions: permissions.filter((permission) => allows(role, permission)),
    insert_time: made?.createdAt ?? null,
    update_time: made?.changedAt ?? null,
    created_by: made?.createdBy ?? null,
    description: '',
    tags: null,
    groups: [],
    users: users.filter((user) => user.role === role.name).map(({ email }) => email),
  };
}
