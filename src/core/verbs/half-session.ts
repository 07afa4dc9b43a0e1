import type { Session, SessionStage, User } from '../access/credential.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { hashToken } from './log-in.ts';

export interface HalfSession {
  readonly session: Session;
  readonly user: User;
}

/** After so many wrong codes or passwords a session is over, and the log-in begins anew. */
const mostFailures = 5;

/** The session that a step of a log-in belongs to. @throws Fault `unauthenticated` where there is none that waits for this step. */
export async function demandHalfSession(
  ports: Pick<Ports, 'store' | 'clock'>,
  token: string | undefined,
  stage: SessionStage,
): Promise<HalfSession> {
  const found = await ports.store.read(async ({ credentials }) => {
    const session = token === undefined ? undefined : await credentials.sessionByTokenHash(hashToken(token));
    const live = session?.stage === stage && session.expiresAt > ports.clock.now();
    const user = live ? await credentials.userById(session.userId) : undefined;
    return session === undefined || user === undefined ? undefined : { session, user };
  });
  if (found === undefined) {
    throw new Fault('unauthenticated', 'This log-in is over. Begin again.');
  }
  return found;
}

/** Counts one wrong step, and ends the session after several. */
export async function recordWrongStep(
  ports: Pick<Ports, 'store' | 'clock'>,
  { session, user }: HalfSession,
  remoteAddress: string,
): Promise<void> {
  const failures = session.failures + 1;
  const { tokenHash, stage } = session;
  await ports.store.transact(async ({ credentials, events }) => {
    await (failures >= mostFailures
      ? credentials.deleteSession(tokenHash)
      : credentials.updateSession({ tokenHash, stage, failures }));
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    const facts = { remoteAddress, stage };
    await events.append([{ type: 'log_in_failed', at: ports.clock.now(), actor, facts }]);
  });
}
