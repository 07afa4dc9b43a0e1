import type { FeedEvent } from '../feed/feed-event.ts';
import type { FeedState } from '../feed/feed-state.ts';
import type { Receipt } from '../feed/receipt.ts';

export interface WebhookMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * How messages leave. Every implementation:
 * - asks no address but those that the settings name, by a connection to the very address that was judged, and follows no redirect;
 * - gives up within seconds, and reads no answer beyond its head but to throw it away;
 * - never rejects, and says nothing in a receipt that may be a secret: not the path of an address.
 */
export interface WebhookSender {
  /** @returns why a webhook may not go to this address, as a sentence; undefined where it may. */
  refusal(url: string): string | undefined;
  /** @param stopping ends it at once; what it resolves with then means nothing. */
  send(message: WebhookMessage, stopping?: AbortSignal): Promise<Receipt>;
}

/**
 * Where events go that settings name. Every implementation keeps their order, and sends an event again rather than leave one out.
 */
export interface FeedStream {
  /** Where it goes, without what may be a secret: its name in the store and for people. */
  readonly feed: string;
  /** A new stream begins with the first event of all, or with the next one. */
  readonly from: 'first' | 'next';
  /** Resolves when the machine has taken them all. @throws Error when it has not, or not all: then all of them are sent again. */
  deliver(events: readonly FeedEvent[], stopping: AbortSignal): Promise<void>;
  /** Resolves when it can be reckoned that what was delivered has arrived. @throws Error when the connection is gone. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface Feeds extends WebhookSender {
  /** Of every feed: webhooks, oldest first, then streams. @throws Fault as the store */
  states(): Promise<readonly FeedState[]>;
}
