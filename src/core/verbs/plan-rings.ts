import type { Action, Task } from '../action/action.ts';
import { goesByRings, type RingPolicy } from '../guard/rings.ts';
import type { Transaction } from '../ports/store/store.ts';

/**
 * Notes of those rounds of tasks that were just written as held which of them go out by rings once they are approved. Rings are one action's: many
 * orders of one call, each on few endpoints, are approved one by one, which is a slower pace than any ring. Inside the transaction that opens them.
 */
export async function planRings(
  policy: Pick<RingPolicy, 'sizes'>,
  { rollouts }: Pick<Transaction, 'rollouts'>,
  held: readonly { readonly action: Action; readonly tasks: readonly Task[] }[],
): Promise<void> {
  const { sizes } = policy;
  const at = { stage: 'planned' } as const;
  const planned = held.flatMap(({ action, tasks }) => {
    const [first] = tasks;
    const isRinged = first !== undefined && goesByRings(policy, action.verb, tasks.length);
    return isRinged ? [{ actionId: action.id, round: first.round, sizes, revision: 0, at }] : [];
  });
  if (planned.length > 0) {
    await rollouts.insert(planned);
  }
}
