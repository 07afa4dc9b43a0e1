import type { Milliseconds } from '../time.ts';
import type { FeedCursor } from './feed-cursor.ts';

/** Everything up to the event has been taken. */
export function delivered(cursor: FeedCursor, sequence: number, now: Milliseconds): FeedCursor {
  return { ...cursor, ...fresh, sequence, failingSince: null, deliveredAt: now };
}

/** Up to the event there is nothing that the feed has to tell. */
export function passedOver(cursor: FeedCursor, sequence: number): FeedCursor {
  return { ...cursor, sequence: Math.max(cursor.sequence, sequence) };
}

export interface Failing {
  readonly now: Milliseconds;
  readonly words: string;
  readonly pause: Milliseconds;
}

/** The event after the cursor was tried in vain once more. */
export function failed(cursor: FeedCursor, { now, words, pause }: Failing): FeedCursor {
  return {
    ...cursor,
    failures: cursor.failures + 1,
    firstFailedAt: cursor.firstFailedAt ?? now,
    ...troubled(cursor, { now, words, pause }),
  };
}

/** Nothing was tried: the settings forbid it. That counts against no event. */
export function forbidden(cursor: FeedCursor, why: Failing): FeedCursor {
  return { ...cursor, ...troubled(cursor, why) };
}

/** The event was given up; the next one begins anew. */
export function givenUp(cursor: FeedCursor, sequence: number, { now, words }: Omit<Failing, 'pause'>): FeedCursor {
  return { ...cursor, ...troubled(cursor, { now, words, pause: 0 }), ...fresh, sequence };
}

const fresh = { failures: 0, firstFailedAt: null, notBefore: 0 } as const;

function troubled({ failingSince }: FeedCursor, { now, words, pause }: Failing) {
  return { failingSince: failingSince ?? now, lastError: words, notBefore: now + pause };
}
