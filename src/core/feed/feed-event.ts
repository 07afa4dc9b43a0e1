import type { CustodyEvent } from '../custody/event.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';

/** How an event is told: as the native API does, in the Elastic Common Schema, or in ArcSight's Common Event Format. */
export const feedFormats = ['native', 'ecs', 'cef'] as const;

export type FeedFormat = (typeof feedFormats)[number];

/** What is told of the machine that an event is of. */
export type FeedHost = Pick<
  Endpoint,
  'id' | 'hostName' | 'platform' | 'operatingSystem' | 'operatingSystemVersion' | 'addresses' | 'domain'
>;

/** An event with what a receiver elsewhere cannot look up. */
export interface FeedEvent {
  readonly event: CustodyEvent;
  /** Undefined for events of no endpoint. */
  readonly host: FeedHost | undefined;
}
