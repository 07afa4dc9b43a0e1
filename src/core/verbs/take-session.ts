import type { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { demandProvider } from './begin-provider-log-in.ts';
import type { LoggedIn } from './log-in.ts';
import { openProviderSession } from './open-provider-session.ts';
import { countSuccess, demandNotBarred, recordRefusal, refusedLogIn } from './provider-refusal.ts';
import { digestOf, openHandOver } from './sealed-log-in.ts';

export interface TakeSession {
  readonly code: string;
  readonly verifier: string;
  readonly remoteAddress: string;
}

type TakePorts = Pick<
  Ports,
  'store' | 'clock' | 'clockGuard' | 'random' | 'secrets' | 'policy' | 'logInLimits' | 'identityProvider' | 'log'
>;

/**
 * Opens the session of a log-in that a browser has made for a command line. Only whoever began it knows the verifier (RFC 7636, 4.6).
 * @throws Fault `unauthenticated` for a code that is not good, or not any more; `rate_limited`; `not_found` where there is no provider
 */
export async function takeSession(ports: TakePorts, request: TakeSession): Promise<LoggedIn> {
  demandProvider(ports);
  const { remoteAddress } = request;
  demandNotBarred(ports, remoteAddress);
  const session = await open(ports, request);
  if (session === undefined) {
    const refusal = refused();
    await recordRefusal(ports, refusal, remoteAddress);
    throw refusal;
  }
  countSuccess(ports, remoteAddress);
  return session;
}

async function open(ports: TakePorts, { code, verifier, remoteAddress }: TakeSession): Promise<LoggedIn | undefined> {
  const handOver = openHandOver(ports.secrets, code);
  const now = ports.clock.now();
  if (handOver === undefined || handOver.challenge !== digestOf(verifier, 'base64url') || handOver.expiresAt <= now) {
    return undefined;
  }
  const { id, userId, expiresAt } = handOver;
  const spent = { hash: digestOf(id, 'hex'), expiresAt };
  const surely = ports.clockGuard.surely.now();
  return ports.store.transact(async (transaction) => {
    const isFirst = await transaction.credentials.spendLogIn(spent, surely);
    const user = await transaction.credentials.userById(userId);
    return isFirst && user?.identity && user.disabledAt === null
      ? openProviderSession(ports, transaction, { user, remoteAddress, dialect: 'native' })
      : undefined;
  });
}

function refused(): Fault {
  return refusedLogIn(
    'hand_over_refused',
    'The code of this log-in is wrong, was used, or is older than a minute. Begin again.',
  );
}
