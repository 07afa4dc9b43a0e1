import { Fault } from '#core/fault.ts';
import { logOut } from '#core/verbs/log-out.ts';
import { sessionTokenOf } from '../authenticate.ts';
import { endedConsoleCookie } from '../log-in-cookies.ts';
import { open } from '../operation.ts';
import { WithCookie } from '../reply.ts';
import { logOut as contract } from '../schemas/session.ts';

export const logOutOperation = open(contract, 'whoever holds a token may end its session', async (_, call) => {
  const token = sessionTokenOf(call.request);
  if (token === undefined) {
    throw new Fault(
      'unauthenticated',
      'There is no session to end: the request carries no Bearer token, and no cookie.',
    );
  }
  await logOut(call.ports, token);
  // Also where the session had ended before: the browser need not carry it any longer.
  return new WithCookie(undefined, endedConsoleCookie);
});
