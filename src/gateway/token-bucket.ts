import { type Milliseconds, second } from '#core/time.ts';

export interface Rate {
  /** What may be taken at once after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

/** So much at once, and so much in each second after it. */
export class TokenBucket {
  readonly #rate: Rate;
  #left: number;
  #at: Milliseconds;

  constructor(rate: Rate, now: Milliseconds) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#at = now;
  }

  /** @returns false, and what is left stays, when there is less than `amount`. */
  take(amount: number, now: Milliseconds): boolean {
    const { burst, perSecond } = this.#rate;
    this.#left = Math.min(burst, this.#left + ((now - this.#at) * perSecond) / second);
    this.#at = now;
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
}
