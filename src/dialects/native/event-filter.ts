import type { EventFilter } from '#core/ports/store/events.ts';
import type { CheckedInput } from './schemas/contract.ts';
import type { followEvents } from './schemas/event.ts';

/** What a query about events asks for. */
export function eventFilterOf({
  type,
  actionId,
  endpointId,
  incidentId,
  actor,
}: Omit<CheckedInput<typeof followEvents>['query'], 'after'>): EventFilter {
  return {
    ...(type && { types: type }),
    ...(actionId && { actionId }),
    ...(endpointId && { endpointId }),
    ...(incidentId && { incidentId }),
    ...(actor !== undefined && { actorName: actor }),
  };
}
