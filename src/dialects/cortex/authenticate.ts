import type { Principal } from '#core/access/principal.ts';
import { authenticateKey } from '#core/verbs/authenticate-key.ts';
import type { Call } from '../dialect.ts';

/**
 * Reads the four headers of either key level. A standard key that comes with a nonce and a timestamp too is fine.
 * @throws Fault `unauthenticated`
 */
export function authenticate({ request, ports, connection }: Call): Promise<Principal> {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  return authenticateKey(ports, {
    keyId: header('x-xdr-auth-id'),
    authorization: header('authorization'),
    nonce: header('x-xdr-nonce'),
    timestamp: header('x-xdr-timestamp'),
    remoteAddress: connection.remoteAddress,
  });
}
