import type { ActionId } from '../action/action-id.ts';
import type { Verb } from '../action/verb.ts';
import type { Milliseconds } from '../time.ts';

/** How a wide order goes out (promise P76): to one endpoint, then to some, then to all. */
export interface RingPolicy {
  /** How many endpoints have the order after each ring but the last, ascending; empty: it goes out at once. */
  readonly sizes: readonly number[];
  /** Most files of a ring that may fail, in percent of those that an agent acted on. */
  readonly mostFailed: number;
  /** Most endpoints of a ring that may stop answering, in percent of the ring. */
  readonly mostSilent: number;
  /** How long an endpoint that was sent the order may take to report before it counts as silent. */
  readonly patience: Milliseconds;
  /** How long a ring is watched after its last report, and how long an endpoint may be away before it counts as silent. */
  readonly watch: Milliseconds;
}

export const haltRules = ['failures', 'silence'] as const;

export type HaltRule = (typeof haltRules)[number];

/** Why rings halted: so many, in percent, and how many percent the policy bore then. */
export interface RingHalt {
  readonly at: Milliseconds;
  readonly rule: HaltRule;
  readonly count: number;
  /** Of which `count` are: files that were acted on, or endpoints of the ring. */
  readonly of: number;
  readonly limit: number;
}

export const rolloutStages = ['planned', 'clear', 'watched', 'halted', 'out'] as const;

/**
 * How far an order is. `ring` counts from 1 and is the last that went out; 0: none has.
 * - `planned`: nobody has approved the order yet
 * - `clear`: the next ring goes out as soon as an endpoint for it is connected
 * - `watched`: a ring has gone out; `leftAt` is when the last of its orders that could leave had left, null before
 * - `halted`: until a person resumes or cancels
 * - `out`: nothing is held back any more
 */
export type RolloutStage =
  | { readonly stage: 'planned' }
  | { readonly stage: 'clear'; readonly ring: number }
  | {
      readonly stage: 'watched';
      readonly ring: number;
      readonly releasedAt: Milliseconds;
      readonly leftAt: Milliseconds | null;
    }
  | { readonly stage: 'halted'; readonly ring: number; readonly halt: RingHalt }
  | { readonly stage: 'out'; readonly ring: number };

export interface Rollout {
  readonly actionId: ActionId;
  /** Of the tasks that go out by it: a retry that was too wide for one person goes by rings of its own. */
  readonly round: number;
  /** As the policy had them when it was ordered. Never empty. */
  readonly sizes: readonly number[];
  /** Changes with each move, so that of two who move it at once one does. */
  readonly revision: number;
  readonly at: RolloutStage;
}

/** Which rings are meant: an action's, of one of its rounds. */
export type RolloutKey = Pick<Rollout, 'actionId' | 'round'>;

export const ringStates = ['waiting', 'watched', 'halted', 'passed', 'out', 'unused'] as const;

/** `out`: the last one, which nobody judges; `unused`: nothing was left for it. */
export type RingState = (typeof ringStates)[number];

export const ringWaits = ['approval', 'connection', 'dispatch', 'reports', 'absent', 'watch', 'person'] as const;

/**
 * What the next ring waits for: a second person; an endpoint that connects; an order that cannot leave; reports; endpoints that are away; that
 * time passes in which nothing happens; somebody who resumes.
 */
export type RingWait = (typeof ringWaits)[number];

/** What goes out by rings: what takes away for good, or into a vault. Fetches change nothing on an endpoint. */
const ringedVerbs: readonly Verb[] = ['quarantine', 'purge'];

/** Whether an order that is too wide for one person goes out by rings, once it is approved. */
export function goesByRings({ sizes }: Pick<RingPolicy, 'sizes'>, verb: Verb, endpoints: number): boolean {
  const [first] = sizes;
  return first !== undefined && endpoints > first && ringedVerbs.includes(verb);
}
