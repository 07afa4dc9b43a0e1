import type { Clock } from '../ports/clock.ts';
import { type Milliseconds, minute, second } from '../time.ts';
import { networkOf } from './address-range.ts';
import { remember } from './remember.ts';

export interface KeyAttempt {
  /** As it was sent, of a key or not: both are counted alike. */
  readonly keyId: string;
  readonly remoteAddress: string;
}

/** So many refusals within the time, and the network cannot use this key id until the first of them is that long ago. */
const mostRefused = 10;
const counted = minute;
/** Beyond these pairs of key id and network the ones that were longest ago are forgotten. */
const mostRemembered = 10_000;

/**
 * How many wrong keys count. Counted for key id and network together: guessing shuts out the address that guesses, of IPv6 with all
 * others that whoever guesses has, and never the right key from elsewhere. Kept in memory, of each server by itself.
 */
export class KeyLimits {
  readonly #refused = new Map<string, readonly Milliseconds[]>();
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Asked before a key is judged and after it, because any number may be judged at once.
   * @returns the seconds until keys count again; undefined where they do now.
   */
  barredFor(attempt: KeyAttempt): number | undefined {
    const times = this.#refused.get(pairOf(attempt)) ?? [];
    const [first] = times;
    const left = times.length < mostRefused || first === undefined ? 0 : first + counted - this.#clock.monotonic();
    return left <= 0 ? undefined : Math.ceil(left / second);
  }

  refused(attempt: KeyAttempt): void {
    const pair = pairOf(attempt);
    const times = [...(this.#refused.get(pair) ?? []), this.#clock.monotonic()];
    remember(this.#refused, [pair, times.slice(-mostRefused)], mostRemembered);
  }
}

/** No id that is looked up is longer, and a longer one is no key's. No address has a NUL. */
function pairOf({ keyId, remoteAddress }: KeyAttempt): string {
  return `${networkOf(remoteAddress)}\0${keyId.slice(0, 20)}`;
}
