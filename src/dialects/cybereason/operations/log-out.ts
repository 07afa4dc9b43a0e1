import { logOut } from '#core/verbs/log-out.ts';
import type { Call, OpenOperation } from '../../dialect.ts';
import { demandOwnSite } from '../own-site.ts';
import { redirect } from '../reply.ts';
import { logOutCookies, sessionToken } from '../session-cookie.ts';

/** `GET /logout`, for some clients `POST`: ends the session and leads to a page that answers 200. */
export const logOutOperations: readonly OpenOperation[] = (['GET', 'POST'] as const).map((method) => ({
  method,
  changes: true,
  paths: ['/logout'],
  access: { open: 'Whoever holds a session may end it; without one there is nothing to end.' },
  run: endSession,
}));

async function endSession(call: Call): Promise<Response> {
  demandOwnSite(call);
  const { request, ports } = call;
  const token = sessionToken(request.headers);
  if (token !== undefined) {
    await logOut(ports, token);
  }
  return redirect('/login.html', logOutCookies(ports.clock.now()));
}
