import type { Task } from '../action/action.ts';
import { signerRules } from './order-signer.ts';

const refusals = signerRules.map((rule) => `signer_${rule}` as const);

/** Why no order can leave now: each is kept and leaves when it can. */
export const dispatchObstacles = [
  'held',
  'unconfirmed',
  'ring',
  'rings_halted',
  'emergency_stop',
  'signer_away',
  'signer_other_key',
  ...refusals,
] as const;

export type DispatchObstacle = (typeof dispatchObstacles)[number];

/** What the agents that are connected to one server know of the emergency stop, as it stands. */
export interface StopHearing {
  readonly connected: number;
  /** They have it on disk, and keep to it over a restart. */
  readonly confirmed: number;
  /** Of an older build, which does not know of it: what they were handed before they may still begin. */
  readonly tooOld: number;
}

/** Hands orders to agents. */
export interface Dispatch {
  /**
   * What keeps every order from leaving, whoever it is for; undefined where nothing does. Soon, and never rejects.
   * @param task what keeps this one, too: the signer may let others out.
   */
  obstacle(task?: Task): Promise<DispatchObstacle | undefined>;
  /**
   * The signed order of a task as one line of text, for somebody to carry where no connection reaches. Nothing is recorded.
   * @throws Fault `unavailable` while nobody can sign, `too_large` where it would not fit, and a SignerRefusal
   */
  seal(task: Task): Promise<string>;
  /** Of this server's agents only. */
  stopHearing(): StopHearing;
}
