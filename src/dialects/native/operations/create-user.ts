import { readScope } from '#core/access/scope.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { guarded } from '../operation.ts';
import { createUser as contract } from '../schemas/user.ts';
import { showUser } from '../show-access.ts';

export const createUserOperation = guarded(
  contract,
  { permission: 'access.manage', licence: [] },
  async ({ body }, { ports, principal }) =>
    showUser(await createUser(ports, principal, { ...body, scope: readScope(body.tags) })),
);
