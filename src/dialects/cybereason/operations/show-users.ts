import type { Principal } from '#core/access/principal.ts';
import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { unassignedGroup } from '../group.ts';
import { replyJson } from '../reply.ts';
import { vendorRoles } from '../vendor-role.ts';

const managing = { permission: 'access.manage', licence: [] } as const;

/** Who is logged in, and, to who may manage access, everyone who can log in. */
export const userOperations: readonly GuardedOperation[] = [
  {
    method: 'GET',
    paths: ['/rest/users/current'],
    access: { permission: 'endpoints.read', licence: [] },
    run: async ({ principal: { name, role } }) => replyJson(showUser({ email: name, role })),
  },
  {
    method: 'GET',
    paths: ['/rest/users'],
    access: managing,
    async run({ ports }) {
      const users = await ports.store.read(({ credentials }) => credentials.users());
      return replyJson(users.map(showUser));
    },
  },
  {
    method: 'GET',
    paths: ['/rest/users/:username'],
    access: managing,
    async run({ ports, parameters }) {
      const email = (parameters['username'] ?? '').toLowerCase().replaceAll('\0', '\ufffd');
      const found = await ports.store.read(({ credentials }) => credentials.userByEmail(email));
      if (found === undefined) {
        throw new Fault('not_found', `There is no user ${email.slice(0, 254)}.`, { details: { what: 'user' } });
      }
      return replyJson(showUser(found));
    },
  },
];

function showUser({ email, role }: { readonly email: string; readonly role: Principal['role'] }): object {
  return {
    username: email,
    email,
    roles: vendorRoles[role],
    custodyRole: role,
    groups: [unassignedGroup.id],
    locked: false,
  };
}
