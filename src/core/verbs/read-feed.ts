import type { EventType } from '../custody/event.ts';
import type { FeedEvent } from '../feed/feed-event.ts';
import type { Reader } from '../ports/store/store.ts';

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Up to here there is nothing else for the feed. */
  readonly upTo: number;
}

/** The next events of a feed, on one snapshot: where it holds fewer than `limit`, it is all there are. */
export async function readFeed(
  { events, endpoints }: Pick<Reader, 'events' | 'endpoints'>,
  types: readonly EventType[] | undefined,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<FeedPage> {
  const last = await events.lastSequence();
  const found = await events.list({ ...(types && { types }), upTo: last }, after, limit);
  const ids = [...new Set(found.flatMap(({ endpointId }) => endpointId ?? []))];
  const hosts = new Map((await endpoints.byIds(ids)).map((endpoint) => [endpoint.id, endpoint]));
  const upTo = found.length < limit ? last : (found.at(-1)?.sequence ?? last);
  return {
    events: found.map((event) => ({ event, host: event.endpointId && hosts.get(event.endpointId) })),
    upTo: Math.max(upTo, after),
  };
}
