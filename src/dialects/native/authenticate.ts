import { demandOwnSite } from '#core/access/own-site.ts';
import type { Principal } from '#core/access/principal.ts';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import { Fault } from '#core/fault.ts';
import { authenticateKey } from '#core/verbs/authenticate-key.ts';
import { authenticateSession } from '#core/verbs/authenticate-session.ts';
import type { Call } from '../dialect.ts';
import { consoleSessionOf } from './log-in-cookies.ts';

const bearer = /^Bearer +(\S+)$/i;
const custodyKey = /^Custody-Key +(\d{1,9}):(\S+)$/i;

/** Whoever the operating system lets open the server's own socket owns the data directory, and with it everything. */
const localAdministrator: Principal = {
  kind: 'local',
  id: 'local',
  name: 'local administrator',
  role: builtInRole('Instance Administrator'),
  scope: wholeFleet,
};

/**
 * Who asks, by the first of: an advanced or standard key in the `x-xdr-*` headers, `Authorization: Custody-Key ID:SECRET`,
 * `Authorization: Bearer TOKEN` of a session, the local socket, the cookie of the console's session. What is presented in a header of its own
 * counts, even where the socket would do.
 * @throws Fault `unauthenticated`, and `permission_denied` for the console's session on what another site's page had the browser send
 */
export async function authenticate(call: Call): Promise<Principal> {
  const { headers } = call.request;
  const { remoteAddress } = call.connection;
  const authorization = headers.get('authorization') ?? undefined;
  const keyId = headers.get('x-xdr-auth-id') ?? undefined;
  if (keyId !== undefined) {
    const nonce = headers.get('x-xdr-nonce') ?? undefined;
    const timestamp = headers.get('x-xdr-timestamp') ?? undefined;
    return authenticateKey(call.ports, { keyId, authorization, nonce, timestamp, remoteAddress });
  }
  if (authorization !== undefined) {
    return authenticateHeader(call, authorization);
  }
  if (call.connection.local) {
    return localAdministrator;
  }
  const token = consoleSessionOf(headers);
  if (token !== undefined) {
    demandOwnPage(call);
    return authenticateSession(call.ports, { token, dialect: 'native' });
  }
  throw new Fault(
    'unauthenticated',
    'Log in, or send an API key: Authorization: Bearer TOKEN or Custody-Key ID:SECRET.',
  );
}

/** Also of what only reads: to a browser, every other port of this host is the same site, and `Strict` lets its pages through. */
function demandOwnPage({ request, ports }: Call): void {
  demandOwnSite({ headers: request.headers, url: request.url, publicUrl: ports.policy.publicUrl });
}

/** The token of a session, where the request carries one: in its header, or, where it has none, in the console's cookie. */
export function sessionTokenOf({ headers }: Request): string | undefined {
  const authorization = headers.get('authorization');
  return authorization === null ? consoleSessionOf(headers) : bearer.exec(authorization)?.[1];
}

async function authenticateHeader(call: Call, authorization: string): Promise<Principal> {
  const { remoteAddress } = call.connection;
  const key = custodyKey.exec(authorization);
  if (key !== null) {
    const proof = { keyId: key[1], authorization: key[2], nonce: undefined, timestamp: undefined, remoteAddress };
    return authenticateKey(call.ports, proof);
  }
  const token = sessionTokenOf(call.request);
  if (token === undefined) {
    throw new Fault('unauthenticated', 'The Authorization header is neither Bearer TOKEN nor Custody-Key ID:SECRET.');
  }
  return authenticateSession(call.ports, { token, dialect: 'native' });
}
