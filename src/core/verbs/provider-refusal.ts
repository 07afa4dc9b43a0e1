import { networkOf } from '../access/address-range.ts';
import type { Identity, ProvenIdentity } from '../access/identity.ts';
import type { PasswordAttempt } from '../access/log-in-limits.ts';
import type { Json, NewEvent } from '../custody/event.ts';
import { Fault, type FaultCode } from '../fault.ts';
import { type LogInRefusal, logInRefusals } from '../ports/identity-provider.ts';
import type { Ports } from '../ports/ports.ts';

/** A refusal of a log-in through the provider; its reason goes into the record. */
export function refusedLogIn(
  reason: LogInRefusal,
  message: string,
  { code = 'unauthenticated', cause }: { readonly code?: FaultCode; readonly cause?: unknown } = {},
): Fault {
  return new Fault(code, message, { details: { what: 'log-in', reason }, ...(cause !== undefined && { cause }) });
}

/** Undefined for a fault that is no refusal of a log-in through the provider. */
export function reasonOf(thrown: unknown): LogInRefusal | undefined {
  const reason = thrown instanceof Fault ? thrown.details['reason'] : undefined;
  return logInRefusals.find((known) => known === reason);
}

/** Whom a log-in turned out to be, as far as it came. */
export interface Refused {
  readonly reason: LogInRefusal;
  readonly remoteAddress: string;
  readonly at: number;
  /** Undefined where nothing was proved. */
  readonly proven?: ProvenIdentity;
  /** Empty for who is no user. */
  readonly userId?: string;
}

/** Of the groups so many are recorded: enough to see which rule is lacking. */
const mostGroups = 50;

export function refusalEvent({ reason, remoteAddress, at, proven, userId = '' }: Refused): NewEvent {
  const actor = { kind: 'user', id: userId, name: proven?.email ?? '' } as const;
  const facts: { readonly [key: string]: Json } = { remoteAddress, reason, ...(proven && provenFacts(proven)) };
  return { type: 'log_in_failed', at, actor, facts };
}

function provenFacts({ issuer, subject, groups }: ProvenIdentity): { readonly [key: string]: Json } {
  return { ...identityFacts({ issuer, subject }), groups: groups.slice(0, mostGroups) };
}

export function identityFacts({ issuer, subject }: Identity): { readonly issuer: string; readonly subject: string } {
  return { issuer, subject };
}

/** Whoever it is has no name yet, so the network is counted by itself. No name that anybody can type has a NUL. */
function attemptFrom(remoteAddress: string): PasswordAttempt {
  const network = networkOf(remoteAddress);
  return { email: `\0provider log-ins from ${network}`, remoteAddress: network };
}

/** @throws Fault `rate_limited` for a network from which many log-ins came to nothing. */
export function demandNotBarred({ logInLimits }: Pick<Ports, 'logInLimits'>, remoteAddress: string): void {
  const retryAfterSeconds = logInLimits.barredFor(attemptFrom(remoteAddress));
  if (retryAfterSeconds !== undefined) {
    throw new Fault(
      'rate_limited',
      `After many log-ins that were refused none counts from this address for ${retryAfterSeconds} seconds. Try again then.`,
      { details: { retryAfterSeconds } },
    );
  }
}

export function countSuccess({ logInLimits }: Pick<Ports, 'logInLimits'>, remoteAddress: string): void {
  logInLimits.succeeded(attemptFrom(remoteAddress));
}

/**
 * Counts a log-in that came to nothing, and writes it down; what is no such refusal is left alone.
 * @throws Fault `rate_limited` instead, where others have come to nothing meanwhile: any number may be judged at once.
 */
export async function recordRefusal(
  { store, clock, logInLimits, log }: Pick<Ports, 'store' | 'clock' | 'logInLimits' | 'log'>,
  thrown: unknown,
  remoteAddress: string,
): Promise<void> {
  const reason = reasonOf(thrown);
  if (reason === undefined) {
    return;
  }
  if (reason !== 'provider_unavailable') {
    demandNotBarred({ logInLimits }, remoteAddress);
    logInLimits.failed(attemptFrom(remoteAddress));
  }
  log.warn('A log-in through the identity provider was refused.', { reason, why: whyOf(thrown) });
  const event = refusalEvent({ reason, remoteAddress, at: clock.now() });
  await store.transact(({ events }) => events.append([event]));
}

/** What went wrong and what was behind it, the words alone: what a library keeps beside them may hold a code or a token. */
export function whyOf(thrown: unknown): string {
  const messages: string[] = [];
  for (let one = thrown; one instanceof Error && messages.length < 5; one = one.cause) {
    messages.push(one.message);
  }
  return messages.join(': ');
}
