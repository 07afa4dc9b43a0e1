import { type FeedCursor, newCursor } from '../feed/feed-cursor.ts';
import type { FeedState } from '../feed/feed-state.ts';
import type { FeedStream } from '../ports/feeds.ts';
import type { Ports } from '../ports/ports.ts';

/** How every feed is doing: webhooks, oldest first, then streams. */
export function feedStates(
  { store }: Pick<Ports, 'store'>,
  streams: readonly Pick<FeedStream, 'feed' | 'from'>[],
): Promise<readonly FeedState[]> {
  return store.read(async ({ feeds, events }) => {
    const last = await events.lastSequence();
    const cursors = new Map((await feeds.cursors()).map((cursor) => [cursor.feed, cursor]));
    const letters = await feeds.countDeadLetters();
    const stateOf = (feed: string, fallback: FeedCursor, kind: FeedState['kind']) => {
      const { sequence, failingSince, lastError, deliveredAt } = cursors.get(feed) ?? fallback;
      const counts = { lag: Math.max(last - sequence, 0), deadLetters: letters.get(feed) ?? 0 };
      return { feed, kind, paused: false, ...counts, failingSince, lastError, deliveredAt };
    };
    const webhooks = await feeds.webhooks();
    return [
      ...webhooks.map(({ id, paused }) => ({ ...stateOf(id, newCursor(id, last), 'webhook'), paused })),
      ...streams.map(({ feed, from }) => stateOf(feed, newCursor(feed, from === 'first' ? 0 : last), 'stream')),
    ];
  });
}
