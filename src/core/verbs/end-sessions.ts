import type { Session, User } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { isLive, type SessionLimits } from '../access/session-limits.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader, Transaction } from '../ports/store/store.ts';
import { hashToken } from './log-in.ts';
import { demandAccessManager, demandChangeable, demandUser } from './manage-access.ts';

export interface ShownSession {
  /** Names it, and lets nobody in. */
  readonly id: string;
  readonly session: Session;
}

type SessionPorts = Pick<Ports, 'store' | 'clock' | 'policy'>;

/** The beginning of the hash of its token. */
function idOf({ tokenHash }: Session): string {
  return tokenHash.slice(0, 32);
}

/** @param name id or address of a user. @throws Fault `not_found` */
export function listSessions(ports: SessionPorts, name: string): Promise<readonly ShownSession[]> {
  return ports.store.read(async ({ credentials }) => {
    const user = await demandUser(credentials, name);
    return liveSessions({ credentials }, user, limitsOf(ports));
  });
}

export interface EndSessions {
  /** Id of the only one to end; undefined: all. */
  readonly session?: string | undefined;
}

/**
 * Ends sessions of somebody, at once.
 * @returns the ids of those that ended.
 * @throws Fault `not_found`, `permission_denied` for one who may do more than whoever asks
 */
export function endSessionsOf(
  ports: SessionPorts,
  by: Principal,
  { user: name, session }: EndSessions & { readonly user: string },
): Promise<readonly string[]> {
  return ports.store.transact(async (transaction) => {
    const own = await demandAccessManager(transaction.credentials, by);
    const { user } = await demandChangeable(transaction.credentials, own, name);
    const asked = await askedSessions(transaction, user, { limits: limitsOf(ports), session });
    if (session === undefined) {
      // Those that are not whole, too.
      await transaction.credentials.deleteSessionsOf(user.id, undefined);
    }
    return end(transaction, { user, by, asked, at: ports.clock.now() });
  });
}

/**
 * Ends sessions of one's own: one, or all but the one that asks.
 * @throws Fault `not_found` for a session that is not there, and for who is no user
 */
export function endOwnSessions(
  ports: SessionPorts,
  by: Principal,
  { session, token }: EndSessions & { readonly token: string | undefined },
): Promise<readonly string[]> {
  return ports.store.transact(async (transaction) => {
    const user = await demandUser(transaction.credentials, by.kind === 'user' ? by.id : '');
    const asked = await askedSessions(transaction, user, { limits: limitsOf(ports), session });
    const but = session === undefined && token !== undefined ? hashToken(token) : undefined;
    const others = asked.filter(({ session: { tokenHash } }) => tokenHash !== but);
    return end(transaction, { user, by, asked: others, at: ports.clock.now() });
  });
}

function limitsOf({ clock, policy }: Pick<Ports, 'clock' | 'policy'>): SessionLimits {
  return { now: clock.now(), policy };
}

async function liveSessions(
  { credentials }: Pick<Reader, 'credentials'>,
  { id }: User,
  limits: SessionLimits,
): Promise<readonly ShownSession[]> {
  const sessions = await credentials.sessionsOf(id);
  return sessions
    .filter((session) => session.stage === 'open' && isLive(session, limits))
    .map((session) => ({ id: idOf(session), session }));
}

async function askedSessions(
  reader: Pick<Reader, 'credentials'>,
  user: User,
  { limits, session }: EndSessions & { readonly limits: SessionLimits },
): Promise<readonly ShownSession[]> {
  const live = await liveSessions(reader, user, limits);
  const asked = session === undefined ? live : live.filter(({ id }) => id === session);
  if (session !== undefined && asked.length === 0) {
    throw new Fault('not_found', 'There is no such session: it has ended, or never was.', {
      details: { what: 'session' },
    });
  }
  return asked;
}

interface Ending {
  readonly user: User;
  readonly by: Pick<Principal, 'kind' | 'id' | 'name'>;
  readonly asked: readonly ShownSession[];
  readonly at: number;
}

async function end(
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  { user, by, asked, at }: Ending,
): Promise<readonly string[]> {
  const ids = asked.map(({ id }) => id);
  for (const { session } of asked) {
    await credentials.deleteSession(session.tokenHash);
  }
  if (ids.length > 0) {
    const actor = { kind: by.kind, id: by.id, name: by.name };
    const facts = { userId: user.id, email: user.email, sessions: ids };
    await events.append([{ type: 'sessions_ended', at, actor, facts }]);
  }
  return ids;
}
