import type { FeedCursor, FeedLease } from '../feed/feed-cursor.ts';
import type { Ports } from '../ports/ports.ts';
import { type Milliseconds, minute } from '../time.ts';

/** Longer than any one attempt takes. */
const leaseTime: Milliseconds = minute;

/** Takes a feed, so that no other process delivers it meanwhile. @returns undefined while another one has it, and where it is not due */
export async function takeFeed(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  feed: string,
  holder: string,
): Promise<FeedCursor | undefined> {
  const lease = leaseOf(clock.now(), holder);
  const cursor = await store.transact(({ feeds }) => feeds.takeLease(feed, lease));
  return cursor !== undefined && cursor.notBefore <= lease.now ? cursor : undefined;
}

export function leaseOf(now: Milliseconds, holder: string): FeedLease {
  return { holder, now, until: now + leaseTime };
}
