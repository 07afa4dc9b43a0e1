import type { User } from '#core/access/credential.ts';
import type { Role } from '#core/access/role.ts';
import { Fault } from '#core/fault.ts';
import type { CredentialReader } from '#core/ports/store/credentials.ts';
import { roleOf } from '#core/verbs/find-role.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { unassignedGroup } from '../group.ts';
import { replyJson } from '../reply.ts';
import { vendorRolesOf } from '../vendor-role.ts';

const managing = { permission: 'access.manage', licence: [] } as const;

/** Who is logged in, and, to who may manage access, everyone who can log in. */
export const userOperations: readonly GuardedOperation[] = [
  {
    method: 'GET',
    paths: ['/rest/users/current'],
    access: { permission: 'endpoints.read', licence: [] },
    run: async ({ principal: { name, role } }) => replyJson(showUser({ email: name, role, locked: false })),
  },
  {
    method: 'GET',
    paths: ['/rest/users'],
    access: managing,
    async run({ ports }) {
      const users = await ports.store.read(async ({ credentials }) =>
        Promise.all((await credentials.users()).map((user) => shownUser(credentials, user))),
      );
      return replyJson(users.map(showUser));
    },
  },
  {
    method: 'GET',
    paths: ['/rest/users/:username'],
    access: managing,
    async run({ ports, parameters }) {
      const email = (parameters['username'] ?? '').toLowerCase().replaceAll('\0', '\ufffd');
      const found = await ports.store.read(async ({ credentials }) => {
        const user = await credentials.userByEmail(email);
        return user && shownUser(credentials, user);
      });
      if (found === undefined) {
        throw new Fault('not_found', `There is no user ${email.slice(0, 254)}.`, { details: { what: 'user' } });
      }
      return replyJson(showUser(found));
    },
  },
];

interface ShownUser {
  readonly email: string;
  readonly role: Role;
  readonly locked: boolean;
}

async function shownUser(credentials: CredentialReader, user: User): Promise<ShownUser> {
  return { email: user.email, role: await roleOf(credentials, user), locked: user.disabledAt !== null };
}

function showUser({ email, role, locked }: ShownUser): object {
  return {
    username: email,
    email,
    roles: vendorRolesOf(role),
    custodyRole: role.name,
    groups: [unassignedGroup.id],
    locked,
  };
}
