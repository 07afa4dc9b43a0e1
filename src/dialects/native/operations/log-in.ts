import { Fault } from '#core/fault.ts';
import { renewPassword } from '#core/verbs/change-password.ts';
import { type LoggedIn, logIn } from '#core/verbs/log-in.ts';
import { logOut } from '#core/verbs/log-out.ts';
import { showCode } from '#core/verbs/show-code.ts';
import type { Call } from '../../dialect.ts';
import { sessionTokenOf } from '../authenticate.ts';
import { instantOf } from '../instant.ts';
import { consoleCookie } from '../log-in-cookies.ts';
import { open } from '../operation.ts';
import { WithCookie } from '../reply.ts';
import { openBrowserSession as browserContract, logIn as contract } from '../schemas/session.ts';
import { showUser } from '../show-access.ts';

interface Whole {
  readonly session: LoggedIn;
  readonly user: ReturnType<typeof showUser>;
}

interface Steps {
  readonly email: string;
  readonly password: string;
  readonly code?: string | undefined;
  readonly newPassword?: string | undefined;
}

export const logInOperation = open(contract, 'it establishes who asks', async ({ body }, call) => {
  const { session, user } = await wholeSession(call, body);
  return { token: session.token, expiresAt: instantOf(session.expiresAt), user };
});

export const openBrowserSessionOperation = open(browserContract, 'it establishes who asks', async ({ body }, call) => {
  const { session, user } = await wholeSession(call, body);
  return new WithCookie({ expiresAt: instantOf(session.expiresAt), user }, consoleCookie(session));
});

/** @throws Fault as the log-in and its steps do; then no session is left open */
async function wholeSession(call: Call, steps: Steps): Promise<Whole> {
  const { remoteAddress } = call.connection;
  const { email, password } = steps;
  const presented = sessionTokenOf(call.request);
  const session = await logIn(call.ports, { email, password, remoteAddress, dialect: 'native', presented });
  try {
    await finish(call, session, steps);
  } catch (thrown) {
    // Nobody comes back for a session that is not whole.
    await logOut(call.ports, session.token);
    throw thrown;
  }
  // The steps may have changed the user.
  const user =
    (await call.ports.store.read(({ credentials }) => credentials.userById(session.user.id))) ?? session.user;
  return { session, user: showUser(user) };
}

/** Takes the steps that the log-in still lacks. */
async function finish({ ports, connection }: Call, session: LoggedIn, steps: Steps): Promise<void> {
  const { token } = session;
  const { remoteAddress } = connection;
  const { password: oldPassword, newPassword, code } = steps;
  let { stage } = session;
  if (stage === 'new_password') {
    if (newPassword === undefined) {
      throw lacking('new_password', 'The password has to be changed: send newPassword, too.');
    }
    stage = await renewPassword(ports, { token, oldPassword, newPassword, remoteAddress });
  }
  if (stage === 'second_factor') {
    if (code === undefined) {
      throw lacking('second_factor', 'This account has a second factor: send code, too.');
    }
    await showCode(ports, { token, code, remoteAddress });
  }
}

function lacking(what: string, message: string): Fault {
  return new Fault('unauthenticated', message, { details: { what } });
}
