import { tagsOf } from '#core/access/scope.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';

/** Get Users: everyone who can log in. Names and groups are not kept here, and so are empty; the scope is the tags of the endpoints that a user is limited to. */
export const getUsers: GuardedOperation = {
  method: 'POST',
  paths: callPaths('rbac/get_users'),
  access: { permission: 'access.manage', licence: anyLicence },
  async run({ request, ports }) {
    await readOptionalBody(request);
    const users = await ports.store.read(({ credentials }) => credentials.users());
    return reply(
      users.map(({ email, role, scope }) => ({
        user_email: email,
        user_first_name: '',
        user_last_name: '',
        role_name: role,
        last_logged_in: null,
        user_type: 'Local',
        groups: [],
        scope: tagsOf(scope) ?? [],
      })),
    );
  },
};
