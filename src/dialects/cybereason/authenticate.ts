import type { Principal } from '#core/access/principal.ts';
import { authenticateSession } from '#core/verbs/authenticate-session.ts';
import type { Call } from '../dialect.ts';
import { demandOwnSite } from './own-site.ts';
import { sessionToken } from './session-cookie.ts';

/**
 * Who holds the session of the cookie.
 * @throws Fault `unauthenticated`, and `permission_denied` when a page of another site made a browser send the cookie
 */
export async function authenticate(call: Pick<Call, 'request' | 'ports'>): Promise<Principal> {
  const principal = await authenticateSession(call.ports, {
    token: sessionToken(call.request.headers),
    dialect: 'cybereason',
  });
  demandOwnSite(call);
  return principal;
}
