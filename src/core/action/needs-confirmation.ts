import type { Milliseconds } from '../time.ts';
import type { Task } from './action.ts';
import { type Verb, verbs } from './verb.ts';

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

/** Those of which an old order waits for a confirmation. */
export const confirmedVerbs: readonly Verb[] = verbs.filter((verb) => takesOrDeletes[verb]);

type Order = Pick<Task, 'state' | 'parameters' | 'createdAt' | 'acceptedAt' | 'confirmedAt'>;

/**
 * Whether an order must not go out, or not once more, before somebody confirms it: no agent has said to have it, for longer than `after`
 * since it was ordered, let out, or confirmed last. Derived, never stored: it follows from the clock on every server. A request to
 * stop never waits.
 * @param after null: no order is ever too old.
 */
export function needsConfirmation(order: Order, after: Milliseconds | null, now: Milliseconds): boolean {
  const { state, parameters, acceptedAt } = order;
  const isUntaken = acceptedAt === null && (state === 'pending' || state === 'sent');
  const isOld = after !== null && now - wantedAt(order) > after;
  return isOld && isUntaken && takesOrDeletes[parameters.verb];
}

/** Whether it waits for somebody to confirm it: once its deadline has passed nobody can. */
export function awaitsConfirmation(
  order: Order & Pick<Task, 'deadline'>,
  after: Milliseconds | null,
  now: Milliseconds,
): boolean {
  return now < order.deadline && needsConfirmation(order, after, now);
}

/** When somebody last wanted it: ordered it, let it out, or confirmed it. Its age counts from there. */
export function wantedAt({ createdAt, confirmedAt }: Pick<Task, 'createdAt' | 'confirmedAt'>): Milliseconds {
  return Math.max(createdAt, confirmedAt ?? createdAt);
}
