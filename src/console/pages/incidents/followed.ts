import type { CustodyEvent } from '#sdk/follow-events.ts';
import type { EventType } from '../../words/events.ts';
import { outcomesIn } from '../../words/facts.ts';
import type { outcomeWords } from '../../words/outcomes.ts';

/** How an order was carried, which nobody needs who wants to know what was done. */
const carried: ReadonlySet<EventType> = new Set<EventType>(['tasks_sent', 'endpoint_connected', 'evidence_opened']);

export function isFollowed({ type }: CustodyEvent): boolean {
  return !carried.has(type);
}

type Outcome = keyof typeof outcomeWords;

/** How many files of each action ended in which way, by what its endpoints reported. */
export function outcomesByAction(events: readonly CustodyEvent[]): ReadonlyMap<string, ReadonlyMap<Outcome, number>> {
  const byAction = new Map<string, Map<Outcome, number>>();
  for (const event of events) {
    if (event.actionId !== null) {
      const counts = byAction.get(event.actionId) ?? new Map<Outcome, number>();
      for (const outcome of outcomesIn(event)) {
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
      byAction.set(event.actionId, counts);
    }
  }
  return byAction;
}
