import type { Action } from '#core/action/action.ts';
import { reply } from './answer.ts';

/**
 * What every response action answers. The id and the count are digits in text, as the vendor's page has them: the one
 * form that every known client takes. `status` 1 says that the order was placed; how it ends is for Get Action Status.
 */
export function startedAction(action: Action): Response {
  return reply({ action_id: action.id, status: 1, endpoints_count: String(action.endpointsCount) });
}
