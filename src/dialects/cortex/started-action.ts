import type { Action } from '#core/action/action.ts';
import type { Policy } from '#core/ports/policy.ts';
import { reply } from './answer.ts';

/**
 * What every response action answers. `status` 1 says that the order was placed; how it ends is for Get Action Status. Digits in
 * text are the one form of id and count that every known client takes; an installation may choose integers.
 */
export function startedAction(
  { policy }: { readonly policy: Pick<Policy, 'cortex'> },
  action: Pick<Action, 'id' | 'endpointsCount'>,
): Response {
  const written = (count: string) => (policy.cortex.idForm === 'integer' ? Number(count) : count);
  return reply({
    action_id: written(action.id),
    status: 1,
    endpoints_count: written(String(action.endpointsCount)),
  });
}
