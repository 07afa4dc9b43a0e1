import { readScope } from '#core/access/scope.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { guarded } from '../operation.ts';
import { createKey as contract } from '../schemas/key.ts';
import { showKey } from '../show-access.ts';

export const createKeyOperation = guarded(
  contract,
  { permission: 'access.manage', licence: [] },
  async ({ body }, { ports, principal }) => {
    const expiresAt = body.expiresAt === null ? null : Date.parse(body.expiresAt);
    const { key, secret } = await createKey(ports, principal, { ...body, scope: readScope(body.tags), expiresAt });
    return { ...showKey(key), secret };
  },
);
