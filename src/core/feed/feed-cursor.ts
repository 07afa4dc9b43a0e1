import type { Milliseconds } from '../time.ts';

/** How far a feed is: everything up to `sequence` was delivered, given up, or is none of its events. */
export interface FeedCursor {
  /** The id of a webhook, or where a stream goes. */
  readonly feed: string;
  readonly sequence: number;
  /** Attempts that failed at the event after it. */
  readonly failures: number;
  /** Of these; null: none. */
  readonly firstFailedAt: Milliseconds | null;
  /** Nothing is tried before. */
  readonly notBefore: Milliseconds;
  /** Since when nothing has been delivered, although it was tried; null: all is well. */
  readonly failingSince: Milliseconds | null;
  /** What went wrong last, in words; empty: nothing ever did. */
  readonly lastError: string;
  readonly deliveredAt: Milliseconds | null;
}

/** A cursor that nothing has been asked of. */
export function newCursor(feed: string, sequence: number): FeedCursor {
  const never = { firstFailedAt: null, failingSince: null, deliveredAt: null };
  return { feed, sequence, failures: 0, notBefore: 0, lastError: '', ...never };
}

/** Who delivers a feed, and until when nobody else does. */
export interface FeedLease {
  /** A name of one process that no other one has. */
  readonly holder: string;
  readonly now: Milliseconds;
  readonly until: Milliseconds;
}
