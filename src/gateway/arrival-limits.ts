import { remember } from '#core/access/remember.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, minute, second } from '#core/time.ts';
import { type Rate, TokenBucket } from '#core/token-bucket.ts';

/** What breaking the protocol costs, in arrivals. */
const violationCost = 20;
/** How long an agent that said too much is not let in. */
const shutOutFor: Milliseconds = minute;
/** Endpoints beyond these that arrived longest ago begin anew. */
const mostRemembered = 100_000;

/**
 * How often one endpoint may come (promise P70): each arrival is a row among the events, and a look into the store. Counted only
 * for agents that have proved themselves, so that nobody can shut out another. In memory, of each server by itself.
 */
export class ArrivalLimits {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #shutOut = new Map<string, Milliseconds>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #rate: Rate;

  constructor(clock: Pick<Clock, 'monotonic'>, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Counts an arrival. @returns how long the endpoint has to stay away; 0: it is let in */
  arrived(id: EndpointId): Milliseconds {
    const now = this.#clock.monotonic();
    const left = (this.#shutOut.get(id) ?? now) - now;
    if (left > 0) {
      return Math.ceil(left);
    }
    this.#shutOut.delete(id);
    return this.#bucketOf(id, now).take(1, now) ? 0 : Math.ceil(second / this.#rate.perSecond);
  }

  /** A connection of this endpoint broke the protocol. */
  violated(id: EndpointId): void {
    const now = this.#clock.monotonic();
    this.#bucketOf(id, now).drain(violationCost, now);
  }

  /** @returns how long */
  shutOut(id: EndpointId): Milliseconds {
    remember(this.#shutOut, [id, this.#clock.monotonic() + shutOutFor], mostRemembered);
    return shutOutFor;
  }

  #bucketOf(id: EndpointId, now: Milliseconds): TokenBucket {
    const bucket = this.#buckets.get(id) ?? new TokenBucket(this.#rate, now);
    remember(this.#buckets, [id, bucket], mostRemembered);
    return bucket;
  }
}
