import { Fault } from '#core/fault.ts';
import { type LoggedIn, logIn } from '#core/verbs/log-in.ts';
import { type Call, type OpenOperation, readBody } from '../../dialect.ts';
import { redirect } from '../reply.ts';
import { logInCookies } from '../session-cookie.ts';

const longestForm = 64 * 1024;

/**
 * `POST /login.html`, form `username`, `password`. Success and failure are both a redirect: to the landing page with
 * the session's cookie, or to an address with `error` in it and without any cookie.
 */
export const logInOperation: OpenOperation = {
  method: 'POST',
  paths: ['/login.html'],
  access: { open: 'It establishes who the caller is.' },
  async run(call) {
    const session = await attempt(call);
    if (session === undefined) {
      return redirect('/login.html?error');
    }
    const { token, expiresAt } = session;
    return redirect('/#/current?', logInCookies({ token, expiresAt, now: call.ports.clock.now() }));
  },
};

/** Undefined when the user name or the password is wrong. */
async function attempt({ request, connection, ports }: Call): Promise<LoggedIn | undefined> {
  const form = new URLSearchParams(await readBody(request, longestForm));
  const email = form.get('username') ?? '';
  const password = form.get('password') ?? '';
  try {
    return await logIn(ports, { email, password, remoteAddress: connection.remoteAddress });
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unauthenticated') {
      return undefined;
    }
    throw thrown;
  }
}
