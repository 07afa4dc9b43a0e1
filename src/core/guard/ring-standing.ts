import type { Task } from '../action/action.ts';
import { endedStates } from '../action/task-state.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Outcome, OutcomeReason } from '../outcome.ts';
import type { Milliseconds } from '../time.ts';
import type { HaltRule, RingPolicy } from './rings.ts';

/** One endpoint of a ring, and where it is. */
export interface RingMember extends Pick<Task, 'state' | 'endedAt'> {
  readonly endpointId: EndpointId;
  readonly connectedUntil: Milliseconds | null;
  readonly lastSeen: Milliseconds;
  readonly isRevoked: boolean;
}

/** How many files of a ring ended in this way. */
export interface OutcomeCount {
  readonly outcome: Outcome;
  readonly reason: OutcomeReason | null;
  readonly count: number;
}

export interface RingMoment {
  readonly now: Milliseconds;
  /** Since when whoever asks could have heard of the endpoints: whoever was away before then is not silent for that. */
  readonly heardSince: Milliseconds;
  readonly leftAt: Milliseconds | null;
}

/** Each endpoint counts once among `unsent`, `working`, `ended`, and perhaps among `away` or `silent`. */
export interface RingTally {
  /** Without those whose order was withdrawn, and those that were removed. */
  readonly size: number;
  /** Connected, and the order has not left: the signer is away, or the fleet is stopped. */
  readonly unsent: number;
  /** It has the order and has time left to report. */
  readonly working: number;
  readonly ended: number;
  /** Away, and not for so long that it is silent. */
  readonly away: number;
  /** Away for too long, or has had the order for too long without a report. */
  readonly silent: number;
  /** That an agent acted on, or tried to. */
  readonly files: number;
  readonly failed: number;
  readonly lastEndedAt: Milliseconds | null;
}

/** What an ending says of the order: that it does what it should, that it does not, or nothing. */
const said: Readonly<Record<Outcome, 'well' | 'failed' | 'nothing'>> = {
  done: 'well',
  already_done: 'well',
  /** There was no such file: nothing was done that could do harm. */
  not_found: 'nothing',
  hash_mismatch: 'failed',
  in_use: 'failed',
  conflict: 'failed',
  parent_missing: 'failed',
  no_space: 'failed',
  access_denied: 'failed',
  unsupported: 'failed',
  too_large: 'failed',
  refused: 'failed',
  expired: 'nothing',
  cancelled: 'nothing',
  interrupted: 'failed',
  agent_error: 'failed',
};

/** Counts what is known of a ring. Pure. */
export function tallyRing(
  members: readonly RingMember[],
  outcomes: readonly OutcomeCount[],
  { policy, ...moment }: RingMoment & { readonly policy: Pick<RingPolicy, 'patience' | 'watch'> },
): RingTally {
  const there = members.filter(({ state, isRevoked }) => state !== 'cancelled' && !isRevoked);
  const places = there.map((member) => placeOf(member, moment.now));
  const answers = there.map((member) => answerOf(member, moment, policy));
  const count = <Word>(words: readonly Word[], word: Word) => words.filter((each) => each === word).length;
  const telling = outcomes.filter(({ outcome, reason }) => said[outcome] !== 'nothing' && reason !== 'withdrawn');
  const sum = (some: readonly OutcomeCount[]) => some.reduce((files, each) => files + each.count, 0);
  const ends = there.flatMap(({ endedAt }) => endedAt ?? []);
  return {
    size: there.length,
    unsent: count(places, 'unsent'),
    working: there.filter((_, index) => places[index] === 'working' && answers[index] === 'there').length,
    ended: count(places, 'ended'),
    away: count(answers, 'away'),
    silent: count(answers, 'silent'),
    files: sum(telling),
    failed: sum(telling.filter(({ outcome }) => said[outcome] === 'failed')),
    lastEndedAt: ends.length === 0 ? null : Math.max(...ends),
  };
}

function isConnected({ connectedUntil }: RingMember, now: Milliseconds): boolean {
  return connectedUntil !== null && connectedUntil > now;
}

function placeOf(member: RingMember, now: Milliseconds): 'unsent' | 'working' | 'ended' {
  if (endedStates.includes(member.state)) {
    return 'ended';
  }
  return member.state === 'pending' && isConnected(member, now) ? 'unsent' : 'working';
}

function answerOf(
  member: RingMember,
  { now, heardSince, leftAt }: RingMoment,
  { patience, watch }: Pick<RingPolicy, 'patience' | 'watch'>,
): 'there' | 'away' | 'silent' {
  if (!isConnected(member, now)) {
    return now - Math.max(member.lastSeen, heardSince) >= watch ? 'silent' : 'away';
  }
  const isLate = placeOf(member, now) === 'working' && leftAt !== null && now - leftAt >= patience;
  return isLate ? 'silent' : 'there';
}

export type RingStanding =
  /** `dispatch`: orders could not leave; `reports`: some have time left; `absent`: some may come back; `watch`: all is well so far. */
  | { readonly is: 'waiting'; readonly on: 'dispatch' | 'reports' | 'absent' | 'watch' }
  /** The last order that could leave has left, and nobody noted it yet. */
  | { readonly is: 'left' }
  | { readonly is: 'healthy' }
  /** Nobody is in it any more: nothing was learnt. */
  | { readonly is: 'empty' }
  | {
      readonly is: 'harmful';
      readonly rule: HaltRule;
      readonly count: number;
      readonly of: number;
      readonly limit: number;
    };

/**
 * Whether the next ring may go out. Silence is judged at once, for whoever is silent will not be fewer; failures when everybody has
 * reported who will, since of the first two reports one failure is half. A ring is healthy only when it has been watched for a while
 * after its last report: a machine that needed the file dies after it is gone. Pure.
 */
export function ringStanding(
  tally: RingTally,
  policy: Omit<RingPolicy, 'sizes'>,
  { now, leftAt }: RingMoment,
): RingStanding {
  const { size, unsent, working, away, silent, files, failed, lastEndedAt } = tally;
  if (size === 0) {
    return { is: 'empty' };
  }
  if (isBeyond(silent, size, policy.mostSilent)) {
    return { is: 'harmful', rule: 'silence', count: silent, of: size, limit: policy.mostSilent };
  }
  if (unsent > 0) {
    return { is: 'waiting', on: 'dispatch' };
  }
  if (leftAt === null) {
    return { is: 'left' };
  }
  if (working > 0) {
    return { is: 'waiting', on: 'reports' };
  }
  if (isBeyond(failed, files, policy.mostFailed)) {
    return { is: 'harmful', rule: 'failures', count: failed, of: files, limit: policy.mostFailed };
  }
  if (away > 0) {
    return { is: 'waiting', on: 'absent' };
  }
  return now - Math.max(leftAt, lastEndedAt ?? leftAt) < policy.watch
    ? { is: 'waiting', on: 'watch' }
    : { is: 'healthy' };
}

const percent = 100;

function isBeyond(count: number, all: number, limit: number): boolean {
  return count * percent > all * limit;
}
