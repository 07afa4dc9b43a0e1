import { Fault } from '../fault.ts';
import { type FeedCursor, newCursor } from '../feed/feed-cursor.ts';
import type { FeedState } from '../feed/feed-state.ts';
import type { Webhook } from '../feed/webhook.ts';
import type { FeedStream } from '../ports/feeds.ts';
import type { Ports } from '../ports/ports.ts';
import type { Reader } from '../ports/store/store.ts';

export interface ListedWebhook {
  readonly webhook: Webhook;
  readonly state: FeedState;
}

/** Oldest first. */
export function listWebhooks({ store }: Pick<Ports, 'store'>): Promise<readonly ListedWebhook[]> {
  return store.read((reader) => webhooksIn(reader));
}

/** @throws Fault `not_found` */
export async function readWebhook(ports: Pick<Ports, 'store'>, id: string): Promise<ListedWebhook> {
  const found = (await listWebhooks(ports)).find(({ webhook }) => webhook.id === id);
  if (found === undefined) {
    throw new Fault('not_found', 'There is no such webhook.', { details: { what: 'webhook' } });
  }
  return found;
}

/** How every feed is doing: webhooks, oldest first, then streams. */
export function feedStates(
  { store }: Pick<Ports, 'store'>,
  streams: readonly Pick<FeedStream, 'feed' | 'from'>[],
): Promise<readonly FeedState[]> {
  return store.read(async (reader) => {
    const webhooks = await webhooksIn(reader);
    const last = await reader.events.lastSequence();
    const cursors = new Map((await reader.feeds.cursors()).map((cursor) => [cursor.feed, cursor]));
    const streamStates = streams.map(({ feed, from }) => {
      const cursor = cursors.get(feed) ?? newCursor(feed, from === 'first' ? 0 : last);
      return { kind: 'stream', paused: false, deadLetters: 0, ...progressOf(cursor, last) } as const;
    });
    return [...webhooks.map(({ state }) => state), ...streamStates];
  });
}

async function webhooksIn({ feeds, events }: Pick<Reader, 'feeds' | 'events'>): Promise<readonly ListedWebhook[]> {
  const last = await events.lastSequence();
  const cursors = new Map((await feeds.cursors()).map((cursor) => [cursor.feed, cursor]));
  const letters = await feeds.countDeadLetters();
  return (await feeds.webhooks()).map((webhook) => {
    const { id, paused } = webhook;
    const progress = progressOf(cursors.get(id) ?? newCursor(id, last), last);
    return { webhook, state: { kind: 'webhook', paused, deadLetters: letters.get(id) ?? 0, ...progress } };
  });
}

function progressOf({ feed, sequence, failingSince, lastError, deliveredAt }: FeedCursor, last: number) {
  return { feed, lag: Math.max(last - sequence, 0), failingSince, lastError, deliveredAt };
}
