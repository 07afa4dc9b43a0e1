import { linkUser } from '#core/verbs/link-user.ts';
import { guarded } from '../operation.ts';
import { linkUser as contract } from '../schemas/provider.ts';

export const linkUserOperation = guarded(
  contract,
  { permission: 'access.manage', licence: [] },
  async ({ body }, { ports, principal }) => {
    await linkUser(ports, principal, body);
    return undefined;
  },
);
