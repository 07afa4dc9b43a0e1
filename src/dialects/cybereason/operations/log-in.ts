import type { SessionStage, User } from '#core/access/credential.ts';
import { Fault, type FaultCode } from '#core/fault.ts';
import { renewPassword } from '#core/verbs/change-password.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { showCode } from '#core/verbs/show-code.ts';
import { type Call, type OpenOperation, readBody } from '../../dialect.ts';
import { demandOwnSite } from '../own-site.ts';
import { redirect } from '../reply.ts';
import { logInCookies, sessionToken } from '../session-cookie.ts';

const longestForm = 64 * 1024;

/**
 * Where each step of a log-in leads. Clients look for `error` and `reset` in the address, and for words in the page; no address of
 * a step that went well may hold either.
 */
const places: Record<SessionStage, string> = {
  open: '/#/current?',
  second_factor: '/login.html?totp',
  new_password: '/login.html?reset',
};

/**
 * `POST /login.html` and, for the later steps, `POST /` with the same cookie: a form with `username` and `password`, with `totpCode`,
 * or with `oldPassword`, `newPassword` and `confirmNewPassword`. Success and failure are both a redirect: failure to an address with
 * `error` in it, and never with a new cookie.
 */
export const logInOperation: OpenOperation = {
  method: 'POST',
  paths: ['/login.html', '/'],
  access: { open: 'It establishes who the caller is.' },
  async run(call) {
    demandOwnSite(call);
    const form = new URLSearchParams(await readBody(call.request, longestForm));
    if (form.has('totpCode')) {
      return step(call, form, { attempt: withCode, failed: '/login.html?totp&error' });
    }
    if (form.has('newPassword')) {
      return step(call, form, { attempt: withNewPassword, failed: '/login.html?reset&error' });
    }
    return begin(call, form);
  },
};

/** One client reads in the page for a new password whether a code will be asked for next. */
function placeOf(stage: SessionStage, { secondFactor }: Pick<User, 'secondFactor'>): string {
  return stage === 'new_password' && secondFactor?.active === true ? `${places[stage]}&totp` : places[stage];
}

async function begin({ request, ports, connection }: Call, form: URLSearchParams): Promise<Response> {
  const [email, password] = [form.get('username') ?? '', form.get('password') ?? ''];
  const { remoteAddress } = connection;
  const presented = sessionToken(request.headers);
  const session = await orRefused(logIn(ports, { email, password, remoteAddress, dialect: 'cybereason', presented }));
  if (session === undefined) {
    return redirect('/login.html?error');
  }
  const { user } = session;
  return redirect(placeOf(session.stage, user), logInCookies(session));
}

interface Step {
  attempt(call: Call, form: URLSearchParams): Promise<SessionStage>;
  readonly failed: string;
}

async function step(call: Call, form: URLSearchParams, { attempt, failed }: Step): Promise<Response> {
  const stage = await orRefused(attempt(call, form));
  return redirect(stage === undefined ? failed : places[stage]);
}

async function withCode({ request, connection, ports }: Call, form: URLSearchParams): Promise<SessionStage> {
  const { remoteAddress } = connection;
  const token = sessionToken(request.headers);
  await showCode(ports, { token, code: form.get('totpCode') ?? '', remoteAddress });
  return 'open';
}

async function withNewPassword({ request, connection, ports }: Call, form: URLSearchParams): Promise<SessionStage> {
  const [oldPassword, newPassword] = [form.get('oldPassword') ?? '', form.get('newPassword') ?? ''];
  if ((form.get('confirmNewPassword') ?? newPassword) !== newPassword) {
    throw new Fault('invalid_request', 'The new password and its repetition differ.', {
      details: { field: 'confirmNewPassword' },
    });
  }
  const { remoteAddress } = connection;
  return renewPassword(ports, { token: sessionToken(request.headers), oldPassword, newPassword, remoteAddress });
}

const refusals: readonly FaultCode[] = ['unauthenticated', 'invalid_request', 'rate_limited'];

/** Undefined for whatever the person has to mend, or to wait for: the page says what. No client reads more than its address here. */
async function orRefused<Result>(attempt: Promise<Result>): Promise<Result | undefined> {
  try {
    return await attempt;
  } catch (thrown) {
    if (thrown instanceof Fault && refusals.includes(thrown.code)) {
      return undefined;
    }
    throw thrown;
  }
}
