import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { actorOf } from './half-session.ts';
import { type FreshSession, insertSession, type LoggedIn } from './log-in.ts';
import { identityFacts } from './provider-refusal.ts';

/** A session as a password opens it; the provider has asked for whatever else it wants to see. */
export async function openProviderSession(
  ports: Pick<Ports, 'clock' | 'random' | 'policy'>,
  { credentials, events }: Pick<Transaction, 'credentials' | 'events'>,
  asked: Omit<FreshSession, 'stage'>,
): Promise<LoggedIn> {
  const session = await insertSession(ports, credentials, { ...asked, stage: 'open' });
  const { user, remoteAddress } = asked;
  const facts = { remoteAddress, ...(user.identity && identityFacts(user.identity)) };
  await events.append([{ type: 'logged_in', at: session.openedAt, actor: actorOf(user), facts }]);
  return session;
}
