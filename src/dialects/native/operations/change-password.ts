import { Fault } from '#core/fault.ts';
import { changePassword } from '#core/verbs/change-password.ts';
import { authenticate, sessionTokenOf } from '../authenticate.ts';
import { open } from '../operation.ts';
import { changePassword as contract } from '../schemas/second-factor.ts';

export const changePasswordOperation = open(
  contract,
  'it authenticates by itself, and no role is needed to change one’s own password',
  async ({ body }, call) => {
    const { kind } = await authenticate(call);
    if (kind !== 'user') {
      throw new Fault('not_found', 'Only people who log in with a password have one: log in, and send the session.', {
        details: { what: 'user' },
      });
    }
    const { remoteAddress } = call.connection;
    await changePassword(call.ports, { ...body, token: sessionTokenOf(call.request), remoteAddress });
    return undefined;
  },
);
