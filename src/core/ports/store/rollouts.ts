import type { Task } from '../../action/action.ts';
import type { ActionId } from '../../action/action-id.ts';
import type { OutcomeCount, RingMember } from '../../guard/ring-standing.ts';
import type { Rollout, RolloutKey, RolloutStage } from '../../guard/rings.ts';
import type { Milliseconds } from '../../time.ts';

/** Who of those that wait for their ring is meant. */
export interface HeldBackFilter {
  /** Only endpoints that are connected at this moment. */
  readonly connectedAt?: Milliseconds;
  readonly limit: number;
}

export interface RolloutReader {
  /** Those of an action, by round. */
  byAction(id: ActionId): Promise<readonly Rollout[]>;
  byRound(key: RolloutKey): Promise<Rollout | undefined>;
  /** What has to be looked at again and again: `clear` or `watched`. In no particular order. */
  moving(): Promise<readonly RolloutKey[]>;
  /** What is halted while something is still held back, in no particular order. */
  halted(): Promise<readonly Rollout[]>;
  /** Tasks that wait for their ring, by id, which is drawn by chance: so that it is nobody's choice who goes first. */
  heldBack(key: RolloutKey, filter: HeldBackFilter): Promise<readonly Pick<Task, 'id' | 'endpointId'>[]>;
  /** How many wait for their ring. */
  countHeldBack(key: RolloutKey): Promise<number>;
  /** How many endpoints the order went out to, without those where it was withdrawn, or that were removed. */
  countOut(key: RolloutKey): Promise<number>;
  /** Of one ring that went out. */
  members(key: RolloutKey, ring: number): Promise<readonly RingMember[]>;
  /** How its files ended. */
  outcomes(key: RolloutKey, ring: number): Promise<readonly OutcomeCount[]>;
}

export interface RolloutWriter extends RolloutReader {
  /** Of actions that are in the store. @throws Fault `conflict` when a round has some. */
  insert(rollouts: readonly Rollout[]): Promise<void>;
  /** Guarded: where it still has the revision that was read, which then is the next. @returns false where somebody moved it before. */
  move(from: RolloutKey & Pick<Rollout, 'revision'>, to: RolloutStage): Promise<boolean>;
}
