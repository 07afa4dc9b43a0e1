import type { Milliseconds } from '../time.ts';

/** How a feed is doing, for people. */
export interface FeedState {
  /** The id of a webhook, or where a stream goes. */
  readonly feed: string;
  readonly kind: 'webhook' | 'stream';
  readonly paused: boolean;
  /** How many events it has yet to go through; those that it leaves out count until then. */
  readonly lag: number;
  /** Null: what was tried last went well. */
  readonly failingSince: Milliseconds | null;
  /** What went wrong last; empty: nothing did. */
  readonly lastError: string;
  readonly deliveredAt: Milliseconds | null;
  readonly deadLetters: number;
}
