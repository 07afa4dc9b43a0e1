import type { Ports } from '../ports/ports.ts';
import { hashToken } from './log-in.ts';

/** Ends a session; a token that is unknown or has expired is fine. */
export async function logOut(ports: Pick<Ports, 'store' | 'clock'>, token: string): Promise<void> {
  const tokenHash = hashToken(token);
  await ports.store.transact(async ({ credentials, events }) => {
    const session = await credentials.sessionByTokenHash(tokenHash);
    const user = session === undefined ? undefined : await credentials.userById(session.userId);
    if (user === undefined) {
      return;
    }
    await credentials.deleteSession(tokenHash);
    if (session?.stage !== 'open') {
      // Nobody was logged in.
      return;
    }
    const actor = { kind: 'user', id: user.id, name: user.email } as const;
    await events.append([{ type: 'logged_out', at: ports.clock.now(), actor, facts: {} }]);
  });
}
