import type { DialectName } from '../action/action.ts';
import type { Verb } from '../action/verb.ts';
import type { Milliseconds } from '../time.ts';

export const guardReaches = ['off', 'native', 'all'] as const;

/** Whose orders are judged: nobody's, those that come through our own API, or those of every API. */
export type GuardReach = (typeof guardReaches)[number];

/** From which width on an order waits for a second person (promise P76). */
export interface GuardPolicy {
  readonly reach: GuardReach;
  /** Most endpoints that one quarantine or purge may concern. */
  readonly mostEndpoints: number;
  /** The same in percent of a fleet of `leastFleet` endpoints or more. */
  readonly mostPercent: number;
  /** Most files, and most endpoints, of one fetch. */
  readonly mostFetchedFiles: number;
  readonly mostFetchEndpoints: number;
  /** Most files that one principal may ask for within an hour, all fetches together. */
  readonly mostFilesHourly: number;
  /** How long an order waits for somebody to approve it. */
  readonly patience: Milliseconds;
}

export const guardRules = [
  'endpoints',
  'fleet_percent',
  'protected_files',
  'packaged',
  'fetched_files',
  'fetch_endpoints',
  'fetched_files_hourly',
] as const;

export type GuardRule = (typeof guardRules)[number];

/** Why an order waits: how many there are of what the rule counts, and how many go out without a second person. */
export interface BrokenRule {
  readonly rule: GuardRule;
  readonly count: number;
  readonly limit: number;
}

/** The verbs that take files, or destroy them. What gives back, a restore, is never held. */
export const guardedVerbs = ['fetch', 'quarantine', 'purge'] as const satisfies readonly Verb[];

export type GuardedVerb = (typeof guardedVerbs)[number];

/** Below so many endpoints a percentage says nothing. */
export const leastFleet = 500;
const percent = 100;

/** How wide an order is. */
export interface Width {
  readonly verb: GuardedVerb;
  /** Each counted once. */
  readonly endpoints: number;
  readonly files: number;
  /** It takes files that agents protect (promise P14): such as are a package's, the system's or the agent's own. */
  readonly overridesProtection: boolean;
  /** Contents that a system package vouches for somewhere: the same bytes elsewhere are just as much the system's. */
  readonly packaged: number;
  /** How many endpoints there are, as far as whoever orders can see. */
  readonly fleet: number;
  /** Files that the same principal asked for within the last hour; of a fetch. */
  readonly filesBefore: number;
}

/** Whether orders through this API are judged. */
export function isGuarded({ reach }: Pick<GuardPolicy, 'reach'>, dialect: DialectName): boolean {
  return reach === 'all' || (reach === 'native' && dialect === 'native');
}

export function isGuardedVerb(verb: Verb): verb is GuardedVerb {
  return guardedVerbs.some((guarded) => guarded === verb);
}

/** Whether the size of the fleet can matter at all: to count it costs more than to judge. */
export function isPartOfFleet({ mostPercent }: Pick<GuardPolicy, 'mostPercent'>, endpoints: number): boolean {
  return endpoints * percent > mostPercent * leastFleet;
}

/** Which rules the order breaks; none: it goes out. Pure. */
export function brokenRules(policy: GuardPolicy, width: Width): readonly BrokenRule[] {
  const { endpoints, files, fleet, filesBefore } = width;
  if (width.verb === 'fetch') {
    return [
      ...beyond('fetched_files', files, policy.mostFetchedFiles),
      ...beyond('fetch_endpoints', endpoints, policy.mostFetchEndpoints),
      ...beyond('fetched_files_hourly', filesBefore + files, policy.mostFilesHourly),
    ];
  }
  const share = Math.floor((fleet * policy.mostPercent) / percent);
  return [
    ...beyond('endpoints', endpoints, policy.mostEndpoints),
    ...(fleet >= leastFleet ? beyond('fleet_percent', endpoints, share) : []),
    ...(width.overridesProtection ? beyond('protected_files', files, 0) : []),
    ...beyond('packaged', width.packaged, 0),
  ];
}

function beyond(rule: GuardRule, count: number, limit: number): readonly BrokenRule[] {
  return count > limit ? [{ rule, count, limit }] : [];
}
