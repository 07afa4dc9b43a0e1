import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, minute } from '#core/time.ts';

/** So many in a minute, evenly, after a burst of one minute's worth. By the monotonic clock: setting the time lets nothing out. */
export class TokenBucket {
  readonly #perMinute: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #left: number;
  #at: Milliseconds;

  constructor(perMinute: number, clock: Pick<Clock, 'monotonic'>) {
    this.#perMinute = perMinute;
    this.#clock = clock;
    this.#left = perMinute;
    this.#at = clock.monotonic();
  }

  get hasOne(): boolean {
    this.#refill();
    return this.#left >= 1;
  }

  /** Milliseconds until there is one again. */
  get untilOne(): Milliseconds {
    this.#refill();
    return Math.ceil((Math.max(0, 1 - this.#left) * minute) / this.#perMinute);
  }

  take(): void {
    this.#refill();
    this.#left -= 1;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const gained = ((now - this.#at) * this.#perMinute) / minute;
    this.#left = Math.min(this.#perMinute, this.#left + Math.max(0, gained));
    this.#at = now;
  }
}
