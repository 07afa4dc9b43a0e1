import { Fault } from '../fault.ts';
import type { Clock } from '../ports/clock.ts';
import { second } from '../time.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { Principal } from './principal.ts';
import { remember } from './remember.ts';

export interface RequestRate {
  /** What a principal may go on with. */
  readonly perMinute: number;
  /** What it may ask at once, after a pause. */
  readonly burst: number;
}

/** Beyond these principals the ones that asked longest ago begin anew, with a full bucket. */
const mostRemembered = 10_000;

/**
 * How many requests one principal may make: a token bucket for each. Whoever the operating system lets in is not counted. Kept in
 * memory, of each server by itself.
 */
export class RequestLimits {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #rate: RequestRate | null;

  /** @param rate null: no limit */
  constructor(clock: Pick<Clock, 'monotonic'>, rate: RequestRate | null) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Counts a request. @throws Fault `rate_limited` with the seconds after which the next one is let in */
  demand({ kind, id }: Pick<Principal, 'kind' | 'id'>): void {
    if (this.#rate === null || kind === 'local') {
      return;
    }
    const now = this.#clock.monotonic();
    const name = `${kind}\0${id}`;
    const bucket = this.#buckets.get(name) ?? new TokenBucket(this.#rate, now);
    if (!bucket.take(1, now)) {
      const { perMinute } = this.#rate;
      const retryAfterSeconds = Math.max(1, Math.ceil(bucket.wait(1, now) / second));
      throw new Fault('rate_limited', `More than ${perMinute} requests in a minute. Ask again after a pause.`, {
        details: { limit: perMinute, retryAfterSeconds },
      });
    }
    remember(this.#buckets, [name, bucket], mostRemembered);
  }
}
