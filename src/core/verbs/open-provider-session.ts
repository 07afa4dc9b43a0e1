import type { User } from '../access/credential.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { actorOf } from './half-session.ts';
import { hashToken, type LoggedIn, lifetimeOf, newToken, type SessionDialect } from './log-in.ts';
import { identityFacts } from './provider-refusal.ts';

export interface ProviderSession {
  readonly user: User;
  readonly remoteAddress: string;
  /** The API that the session lets in at. */
  readonly dialect: SessionDialect;
}

/** A session as a password opens it; the provider has asked for whatever else it wants to see. */
export async function openProviderSession(
  { clock, random, policy }: Pick<Ports, 'clock' | 'random' | 'policy'>,
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  { user, remoteAddress, dialect }: ProviderSession,
): Promise<LoggedIn> {
  const now = clock.now();
  const token = newToken(random, dialect);
  const expiresAt = now + lifetimeOf(policy, dialect);
  const stage = 'open' as const;
  const session = { tokenHash: hashToken(token), userId: user.id, dialect, remoteAddress };
  const times = { createdAt: now, lastUsedAt: now, expiresAt };
  await credentials.deleteSessionsExpiredBefore(now);
  await credentials.insertSession({ ...session, ...times, stage, failures: 0, newPasswordHash: null });
  const facts = { remoteAddress, ...(user.identity && identityFacts(user.identity)) };
  await events.append([{ type: 'logged_in', at: now, actor: actorOf(user), facts }]);
  return { token, user, openedAt: now, expiresAt, stage };
}
