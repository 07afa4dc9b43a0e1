import { type Milliseconds, minute, second } from './time.ts';

export interface Rate {
  /** What may be taken at once after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

/** As `Rate`. */
interface SlowRate {
  readonly burst: number;
  readonly perMinute: number;
}

/** So much at once, and so much in time after it. By whoever's monotonic clock: setting the time lets nothing out. */
export class TokenBucket {
  readonly #rate: Rate | SlowRate;
  #left: number;
  #at: Milliseconds;

  constructor(rate: Rate | SlowRate, now: Milliseconds) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#at = now;
  }

  /** @returns false, and what is left stays, when there is less than `amount`. */
  take(amount: number, now: Milliseconds): boolean {
    this.#refill(now);
    if (amount > this.#left) {
      return false;
    }
    this.#left -= amount;
    return true;
  }

  /** Takes what there is, down to nothing. */
  drain(amount: number, now: Milliseconds): void {
    if (!this.take(amount, now)) {
      this.#left = 0;
    }
  }

  /** How long until there is so much, nothing taken in between; 0 where there is. */
  wait(amount: number, now: Milliseconds): Milliseconds {
    this.#refill(now);
    const [flow, time] = this.#flow();
    return (Math.max(0, amount - this.#left) * time) / flow;
  }

  #refill(now: Milliseconds): void {
    const [flow, time] = this.#flow();
    this.#left = Math.min(this.#rate.burst, this.#left + (Math.max(0, now - this.#at) * flow) / time);
    this.#at = now;
  }

  /** As it was given: a division before its time would leave a bucket short by a hair when it should be full. */
  #flow(): readonly [flow: number, time: Milliseconds] {
    return 'perMinute' in this.#rate ? [this.#rate.perMinute, minute] : [this.#rate.perSecond, second];
  }
}
