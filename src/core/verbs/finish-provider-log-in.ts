import type { User } from '../access/credential.ts';
import type { ProvenIdentity } from '../access/identity.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';
import type { Ports } from '../ports/ports.ts';
import type { Transaction } from '../ports/store/store.ts';
import { demandProvider, randomText } from './begin-provider-log-in.ts';
import type { LoggedIn, SessionDialect } from './log-in.ts';
import { openProviderSession } from './open-provider-session.ts';
import { countSuccess, demandNotBarred, recordRefusal, refusedLogIn } from './provider-refusal.ts';
import {
  type Attempt,
  type CommandLine,
  digestOf,
  handOverLifetime,
  openAttempt,
  sealHandOver,
} from './sealed-log-in.ts';
import { type Arrival, settleProviderUser } from './settle-provider-user.ts';

export interface ProviderAnswer {
  /** The query of the redirect that the provider sent the browser on, without `?`. */
  readonly answer: string;
  /** What the browser was given when it began; undefined for one that was given nothing. */
  readonly attempt: string | undefined;
  readonly remoteAddress: string;
}

export type FinishedLogIn =
  | {
      readonly kind: 'browser';
      /** The API that the session is good for. */
      readonly dialect: SessionDialect;
      readonly session: LoggedIn;
      readonly returnTo: string;
    }
  | {
      readonly kind: 'command_line';
      /** Buys the session within a minute, once, of whoever knows what `challenge` is the digest of. */
      readonly code: string;
      readonly user: User;
      readonly port: number;
      readonly challenge: string;
      readonly handle: string;
    };

type FinishPorts = Pick<
  Ports,
  'store' | 'clock' | 'clockGuard' | 'random' | 'secrets' | 'policy' | 'logInLimits' | 'identityProvider' | 'log'
>;

/**
 * Ends a log-in through the identity provider: in a session for the browser, or in a code for the command line that began it.
 * @throws Fault `unauthenticated` for an answer that proves nothing here, `permission_denied` for somebody whom no rule lets in,
 * `conflict` for an address that another user has, `unavailable` while the provider cannot be reached, `rate_limited`, `not_found`
 * where there is no provider. Each but the last two is recorded, with its reason.
 */
export async function finishProviderLogIn(ports: FinishPorts, request: ProviderAnswer): Promise<FinishedLogIn> {
  const provider = demandProvider(ports);
  const { remoteAddress } = request;
  demandNotBarred(ports, remoteAddress);
  const { attempt, proven } = await prove(ports, provider, request);
  countSuccess(ports, remoteAddress);
  const arrival = { provider, proven, newId: ports.random.uuid(), at: ports.clock.now(), remoteAddress };
  const { destination, before } = attempt;
  if (destination.kind === 'command_line') {
    const user = await letIn(ports, arrival, async (found) => found);
    return handOver(ports, user, destination);
  }
  const { dialect, returnTo } = destination;
  const session = await letIn(ports, arrival, (user, transaction) =>
    openProviderSession(ports, transaction, { user, remoteAddress, dialect, before }),
  );
  return { kind: 'browser', dialect, session, returnTo };
}

/** What follows is in the transaction that settles who it is. @throws Fault as it refuses, when that is durable */
async function letIn<Result>(
  { store }: Pick<FinishPorts, 'store'>,
  arrival: Arrival,
  follow: (user: User, transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const settled = await store.transact(async (transaction) => {
    const found = await settleProviderUser(transaction, arrival);
    return 'refusal' in found ? found : { result: await follow(found.user, transaction) };
  });
  if ('refusal' in settled) {
    throw settled.refusal;
  }
  return settled.result;
}

async function prove(
  ports: FinishPorts,
  provider: IdentityProvider,
  request: ProviderAnswer,
): Promise<{ readonly attempt: Attempt; readonly proven: ProvenIdentity }> {
  try {
    const attempt = await takeAttempt(ports, request);
    return { attempt, proven: await provider.redeem(request.answer, attempt) };
  } catch (thrown) {
    await recordRefusal(ports, thrown, request.remoteAddress);
    throw thrown;
  }
}

/** The log-in that this browser began, once. It is used up before the provider is asked, so that rivals cannot both ask. */
async function takeAttempt(ports: FinishPorts, { answer, attempt: sealed }: ProviderAnswer): Promise<Attempt> {
  const attempt = sealed === undefined ? undefined : openAttempt(ports.secrets, sealed);
  const [state, ...others] = new URLSearchParams(answer).getAll('state');
  if (attempt === undefined || state !== attempt.state || others.length > 0) {
    throw refusedLogIn(
      'other_browser',
      `This browser has not begun this log-in, or has begun another since. Begin again, at ${ports.policy.publicUrl}.`,
    );
  }
  const now = ports.clock.now();
  const { expiresAt } = attempt;
  if (expiresAt <= now) {
    throw refusedLogIn('too_late', 'This log-in took longer than ten minutes. Begin again.');
  }
  const spent = { hash: digestOf(attempt.state, 'hex'), expiresAt };
  if (
    !(await ports.store.transact(({ credentials }) => credentials.spendLogIn(spent, ports.clockGuard.surely.now())))
  ) {
    throw refusedLogIn('used_before', 'This log-in has been used already. Begin again.');
  }
  return attempt;
}

function handOver(
  { clock, random, secrets }: FinishPorts,
  user: User,
  { port, challenge, handle }: CommandLine,
): FinishedLogIn {
  const expiresAt = clock.now() + handOverLifetime;
  const code = sealHandOver(secrets, { id: randomText(random), userId: user.id, challenge, expiresAt });
  return { kind: 'command_line', code, user, port, challenge, handle };
}
