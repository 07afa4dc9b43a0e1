import { logIn } from '#core/verbs/log-in.ts';
import { instantOf } from '../instant.ts';
import { open } from '../operation.ts';
import { logIn as contract } from '../schemas/session.ts';
import { showUser } from '../show-access.ts';

export const logInOperation = open(contract, 'it establishes who asks', async ({ body }, { ports, connection }) => {
  const { token, expiresAt, user } = await logIn(ports, { ...body, remoteAddress: connection.remoteAddress });
  return { token, expiresAt: instantOf(expiresAt), user: showUser(user) };
});
