import { Fault } from '../fault.ts';
import type { Clock } from '../ports/clock.ts';
import { type Milliseconds, minute, second } from '../time.ts';
import type { Principal } from './principal.ts';

/** Beyond these callers the ones that called longest ago are forgotten. */
const mostRemembered = 10_000;

/**
 * How often one caller may call what costs much. Kept in memory: it begins anew with the server, and every server counts for
 * itself.
 */
export class CallLimits {
  readonly #calls = new Map<string, readonly Milliseconds[]>();
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Counts one call, unless there were `most` of these within the last minute: a refused one does not count, so that whoever goes on
   * asking is heard again.
   * @throws Fault `rate_limited`
   */
  count({ kind, id }: Pick<Principal, 'kind' | 'id'>, call: string, most: number): void {
    const key = [kind, id, call].join('\0');
    const now = this.#clock.monotonic();
    const recent = (this.#calls.get(key) ?? []).filter((at) => now - at < minute);
    const [first = now] = recent;
    if (recent.length >= most) {
      const retryAfterSeconds = Math.max(1, Math.ceil((first + minute - now) / second));
      throw new Fault(
        'rate_limited',
        `${call} answers at most ${most} requests a minute: try again in ${retryAfterSeconds} seconds.`,
        { details: { retryAfterSeconds } },
      );
    }
    // A `Map` keeps the order of insertion.
    this.#calls.delete(key);
    this.#calls.set(key, [...recent, now]);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > mostRemembered && oldest !== undefined) {
      this.#calls.delete(oldest);
    }
  }
}
