import type { ActionId } from '../../action/action-id.ts';
import type { CustodyEvent, EventType, NewEvent } from '../../custody/event.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { IncidentId } from '../../incident/incident-id.ts';

export interface EventFilter {
  readonly types?: readonly EventType[];
  /** The last sequence number that counts. */
  readonly upTo?: number;
  readonly actionId?: ActionId;
  readonly endpointId?: EndpointId;
  /** What was done to the incident, and everything of the actions that were ordered for it. */
  readonly incidentId?: IncidentId;
}

export interface EventReader {
  /** Ascending, from the first one after `after` (0 for all), at most `limit`. */
  list(filter: EventFilter, after: number, limit: number): Promise<readonly CustodyEvent[]>;
  /** The highest sequence number; 0 when there is no event. */
  lastSequence(): Promise<number>;
}

export interface EventWriter extends EventReader {
  /** Gives the next sequence numbers, without a gap, in the transaction that the events belong to. */
  append(events: readonly NewEvent[]): Promise<void>;
}
