import { z } from 'zod';
import type { User } from '#core/access/credential.ts';
import { permissions } from '#core/access/permission.ts';
import { allows, type Role } from '#core/access/role.ts';
import type { Json } from '#core/custody/event.ts';
import { Fault } from '#core/fault.ts';
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
    const asked = [...new Set(names.map(demandRole))];
    const users = await ports.store.read(({ credentials }) => credentials.users());
    return reply(asked.map((role) => [roleItem(role, users)]));
  },
};

function demandRole(name: string): Role {
  const role = roleNamed(name);
  if (role === undefined) {
    throw new Fault('not_found', `There is no role ${name}.`, { details: { what: 'role' } });
  }
  return role;
}

/** The roles are built in: nobody made them, and they never change. */
function roleItem(role: Role, users: readonly User[]): Json {
  return {
    pretty_name: role,
    permissions: permissions.filter((permission) => allows(role, permission)),
    insert_time: null,
    update_time: null,
    created_by: null,
    description: '',
    tags: null,
    groups: [],
    users: users.filter((user) => user.role === role).map(({ email }) => email),
  };
}
