import type { Clock } from '../ports/clock.ts';
import { type Milliseconds, minute, second } from '../time.ts';
import { networkOf } from './address-range.ts';
import { remember } from './remember.ts';

/** So many wrong tokens within the time, and none from that address counts until the first of them is that long ago. */
const mostRefused = 10;
const counted = minute;
/** Beyond these addresses the ones that were longest ago are forgotten. */
const mostRemembered = 10_000;

/**
 * How many wrong enrolment tokens one address may try (promise P37). Tokens have 256 bits, so this is against noise, and shows who
 * guesses. Kept in memory, bounded, of each server by itself.
 */
export class EnrolmentLimits {
  readonly #refused = new Map<string, readonly Milliseconds[]>();
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Asked before a token is judged and after it, because any number may be judged at once.
   * @returns the seconds until tokens from the address count again; undefined where they do now.
   */
  barredFor(remoteAddress: string): number | undefined {
    const times = this.#refused.get(networkOf(remoteAddress)) ?? [];
    const [first] = times;
    const left = times.length < mostRefused || first === undefined ? 0 : first + counted - this.#clock.monotonic();
    return left <= 0 ? undefined : Math.ceil(left / second);
  }

  /** @returns whether the address is shut out by this, and was not before: once for each time that it is. */
  refused(remoteAddress: string): boolean {
    const network = networkOf(remoteAddress);
    const now = this.#clock.monotonic();
    const recent = (this.#refused.get(network) ?? []).filter((at) => now - at < counted);
    remember(this.#refused, [network, [...recent, now].slice(-mostRefused)], mostRemembered);
    return recent.length === mostRefused - 1;
  }
}
