import { Fault } from '#core/fault.ts';
import { logOut } from '#core/verbs/log-out.ts';
import { bearerToken } from '../authenticate.ts';
import { open } from '../operation.ts';
import { logOut as contract } from '../schemas/session.ts';

export const logOutOperation = open(contract, 'whoever holds a token may end its session', async (_, call) => {
  const token = bearerToken(call.request);
  if (token === undefined) {
    throw new Fault('unauthenticated', 'There is no session to end: the request carries no Bearer token.');
  }
  await logOut(call.ports, token);
  return undefined;
});
