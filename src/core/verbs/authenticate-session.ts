import type { Principal } from '../access/principal.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { hashToken } from './log-in.ts';

/**
 * Who holds this session. @throws Fault `unauthenticated` when there is none, it has expired, or is not whole yet;
 * `rate_limited` when its user asks too often
 */
export async function authenticateSession(
  ports: Pick<Ports, 'store' | 'clock' | 'requestLimits'>,
  token: string | undefined,
): Promise<Principal> {
  if (token === undefined || token === '') {
    throw new Fault('unauthenticated', 'There is no session. Log in first.');
  }
  const user = await ports.store.read(async ({ credentials }) => {
    const session = await credentials.sessionByTokenHash(hashToken(token));
    const live = session?.stage === 'open' && session.expiresAt > ports.clock.now();
    return live ? await credentials.userById(session.userId) : undefined;
  });
  if (user === undefined) {
    throw new Fault('unauthenticated', 'The session has ended. Log in again.');
  }
  const principal = { kind: 'user', id: user.id, name: user.email, role: user.role, scope: user.scope } as const;
  ports.requestLimits.demand(principal);
  return principal;
}
