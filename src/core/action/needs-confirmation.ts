import type { Milliseconds } from '../time.ts';
import type { Task } from './action.ts';
import type { Verb } from './verb.ts';

/** What takes or deletes: what was right when it was ordered may be wrong by the time that the endpoint is back. */
const takesOrDeletes: Readonly<Record<Verb, boolean>> = {
  quarantine: true,
  purge: true,
  fetch: false,
  restore: false,
  restore_objects: false,
  undo: false,
  plan: false,
  search: false,
  logs: false,
  scan: false,
};

type Order = Pick<Task, 'state' | 'parameters' | 'createdAt' | 'acceptedAt' | 'confirmedAt'>;

/**
 * Whether an order must not go out, or not once more, before somebody confirms it: no agent has said to have it, for longer than `after`
 * since it was ordered, let out, or confirmed last. Derived, never stored: it follows from the clock on every server. A request to
 * stop never waits.
 * @param after null: no order is ever too old.
 */
export function needsConfirmation(order: Order, after: Milliseconds | null, now: Milliseconds): boolean {
  const { state, parameters, createdAt, acceptedAt, confirmedAt } = order;
  const isUntaken = acceptedAt === null && (state === 'pending' || state === 'sent');
  const isOld = after !== null && now - Math.max(createdAt, confirmedAt ?? createdAt) > after;
  return isOld && isUntaken && takesOrDeletes[parameters.verb];
}
