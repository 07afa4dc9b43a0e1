import type { Task } from '../action/action.ts';
import { type SignerRule, signerRules } from './order-signer.ts';

const refusals = signerRules.map((rule) => `signer_${rule}` as const);

/** Why no order can leave now: each is kept and leaves when it can. */
export const dispatchObstacles = ['held', 'signer_away', 'signer_other_key', ...refusals] as const;

export type DispatchObstacle = 'held' | 'signer_away' | 'signer_other_key' | `signer_${SignerRule}`;

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
}
