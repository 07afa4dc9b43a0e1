import type { Principal } from '#core/access/principal.ts';
import { Fault } from '#core/fault.ts';
import { authenticateSession } from '#core/verbs/authenticate-session.ts';
import type { Call } from '../dialect.ts';
import { sessionToken } from './session-cookie.ts';

/**
 * Who holds the session of the cookie.
 * @throws Fault `unauthenticated`
 * @throws Fault `permission_denied` when a page of another site made a browser send the cookie: even GET changes
 * things here (`fetchfile/close`). Only browsers send this header, so no script or connector is concerned.
 */
export async function authenticate(call: Pick<Call, 'request' | 'ports'>): Promise<Principal> {
  const principal = await authenticateSession(call.ports, sessionToken(call.request.headers));
  if (call.request.headers.get('sec-fetch-site') === 'cross-site') {
    throw new Fault('permission_denied', 'Requests that a page of another site makes are refused.');
  }
  return principal;
}
