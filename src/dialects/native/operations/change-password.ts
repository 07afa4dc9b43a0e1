import { changePassword } from '#core/verbs/change-password.ts';
import { authenticate, bearerToken } from '../authenticate.ts';
import { open } from '../operation.ts';
import { changePassword as contract } from '../schemas/second-factor.ts';

export const changePasswordOperation = open(
  contract,
  'it authenticates by itself, and no role is needed to change one’s own password',
  async ({ body }, call) => {
    const { id } = await authenticate(call);
    await changePassword(call.ports, { userId: id, ...body, token: bearerToken(call.request) });
    return undefined;
  },
);
