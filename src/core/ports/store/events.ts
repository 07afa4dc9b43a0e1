import type { ActionId } from '../../action/action-id.ts';
import type { Verb } from '../../action/verb.ts';
import type { CustodyEvent, EventType, NewEvent } from '../../custody/event.ts';
import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { IncidentId } from '../../incident/incident-id.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export interface EventFilter {
  readonly types?: readonly EventType[];
  /** The last sequence number that counts. */
  readonly upTo?: number;
  readonly from?: Milliseconds;
  readonly to?: Milliseconds;
  /** Of the name of whoever caused it, exactly. */
  readonly actorName?: string;
  readonly actionId?: ActionId;
  readonly endpointId?: EndpointId;
  /** What was done to the incident, and everything of the actions that were ordered for it. */
  readonly incidentId?: IncidentId;
  /** Of any of these actions. Any number. */
  readonly actionIds?: readonly ActionId[];
  /** Leaves out what another endpoint than this one did; what is of no endpoint stays. */
  readonly aboutEndpoint?: EndpointId;
}

/** Events of one type; where a verb is given, those alone that belong to an action with it. */
export interface EventKind {
  readonly type: EventType;
  readonly verb?: Verb;
}

/** All given conditions must hold; within one, any of its values. Text compares without regard to case. */
export interface EventSearch {
  readonly kinds: readonly EventKind[];
  /** Whether agents caused them, or people and the server itself. */
  readonly causedBy: 'agents' | 'others';
  /** Names of users; the empty text stands for whoever is no user. */
  readonly userNames?: readonly string[];
  readonly from?: Milliseconds | undefined;
  readonly to?: Milliseconds | undefined;
  /** Of `task_finished`: whether any of its files failed, as far as is known now. Other events are let through. */
  readonly failed?: boolean;
  /** What is known of the endpoint that an event is of. */
  readonly endpointIds?: readonly EndpointId[];
  readonly hostNames?: readonly string[];
  readonly domains?: readonly string[];
  readonly agentVersions?: readonly string[];
}

/** Within one value, in the order of the events. `ranks`: what stands first in the list comes first. */
export interface EventOrder {
  readonly by: 'at' | 'domain' | 'agentVersion' | { readonly ranks: readonly (readonly EventKind[])[] };
  readonly direction: 'ascending' | 'descending';
}

export interface EventReader {
  /** Ascending, from the first one after `after` (0 for all), at most `limit`. */
  list(filter: EventFilter, after: number, limit: number): Promise<readonly CustodyEvent[]>;
  /** Descending, from the last one, of those after `after` (0 for all), at most `limit`. */
  latest(filter: EventFilter, after: number, limit: number): Promise<readonly CustodyEvent[]>;
  search(search: EventSearch, order: EventOrder, page: Page): Promise<Listing<CustodyEvent>>;
  /** The first event of all, which names the installation. */
  first(): Promise<CustodyEvent | undefined>;
  /** The highest sequence number; 0 when there is no event. */
  lastSequence(): Promise<number>;
}

export interface EventWriter extends EventReader {
  /** Gives the next sequence numbers, without a gap, in the transaction that the events belong to. */
  append(events: readonly NewEvent[]): Promise<void>;
}
