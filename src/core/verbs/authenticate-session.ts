import type { Session } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { isLive, isUseDue } from '../access/session-limits.ts';
import type { DialectName } from '../action/action.ts';
import { asFault, Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { roleOf } from './find-role.ts';
import { hashToken } from './log-in.ts';

export interface SessionProof {
  readonly token: string | undefined;
  /** Which API it was sent to. */
  readonly dialect: DialectName;
}

type SessionPorts = Pick<Ports, 'store' | 'clock' | 'policy' | 'requestLimits' | 'log'>;

/**
 * Who holds this session, and what they may do, found anew for each request (P46): what an administrator changes or ends holds from the
 * next one on.
 * @throws Fault `unauthenticated` when there is none that was opened at this API, it has expired, lain idle for too long, or is not whole
 * yet; `rate_limited` when its user asks too often
 */
export async function authenticateSession(ports: SessionPorts, { token, dialect }: SessionProof): Promise<Principal> {
  if (token === undefined || token === '') {
    throw new Fault('unauthenticated', 'There is no session. Log in first.');
  }
  const limits = { now: ports.clock.now(), policy: ports.policy };
  const found = await ports.store.read(async ({ credentials }) => {
    const session = await credentials.sessionByTokenHash(hashToken(token));
    if (session?.stage !== 'open' || session.dialect !== dialect || !isLive(session, limits)) {
      return undefined;
    }
    const user = await credentials.userById(session.userId);
    return user === undefined || user.disabledAt !== null
      ? undefined
      : { session, user, role: await roleOf(credentials, user) };
  });
  if (found === undefined) {
    throw new Fault('unauthenticated', 'The session has ended. Log in again.');
  }
  const { session, user, role } = found;
  const principal = { kind: 'user', id: user.id, name: user.email, role, scope: user.scope } as const;
  ports.requestLimits.demand(principal);
  if (isUseDue(session, limits)) {
    await recordUse(ports, session, limits.now);
  }
  return principal;
}

/** A store that takes no writes shuts nobody out: the session only ends sooner than it would have. */
async function recordUse({ store, log }: Pick<Ports, 'store' | 'log'>, session: Session, now: number): Promise<void> {
  try {
    await store.transact(({ credentials }) => credentials.touchSession(session.tokenHash, now));
  } catch (thrown) {
    const cause = asFault(thrown);
    log.warn('The use of a session could not be recorded.', { userId: session.userId, code: cause.code, cause });
  }
}
