import { expirePassword } from '#core/verbs/expire-password.ts';
import { guarded } from '../operation.ts';
import { expirePassword as contract } from '../schemas/second-factor.ts';

export const expirePasswordOperation = guarded(
  contract,
  { permission: 'access.manage', licence: [] },
  async ({ body: { email } }, { ports, principal }) => {
    await expirePassword(ports, principal, email);
    return undefined;
  },
);
