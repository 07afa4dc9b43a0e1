import type { Action } from '../action/action.ts';
import { goesByRings, type RingPolicy } from '../guard/rings.ts';
import type { Transaction } from '../ports/store/store.ts';

/**
 * Notes of those actions that were just written as held which of them go out by rings once they are approved. Rings are one action's: many
 * orders of one call, each on few endpoints, are approved one by one, which is a slower pace than any ring. Inside the transaction that opens them.
 */
export async function planRings(
  policy: Pick<RingPolicy, 'sizes'>,
  { rollouts }: Pick<Transaction, 'rollouts'>,
  held: readonly { readonly action: Action }[],
): Promise<void> {
  const ringed = held.filter(({ action }) => goesByRings(policy, action.verb, action.endpointsCount));
  if (ringed.length > 0) {
    const { sizes } = policy;
    const at = { stage: 'planned' } as const;
    await rollouts.insert(ringed.map(({ action }) => ({ actionId: action.id, sizes, revision: 0, at })));
  }
}
