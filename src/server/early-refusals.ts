import { networkOf } from '#core/access/address-range.ts';
import { remember } from '#core/access/remember.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import { type Milliseconds, minute } from '#core/time.ts';

/** Why a request was refused before any part of the server was asked. */
export type EarlyRefusal =
  | 'too many requests under way'
  | 'no host that can be understood'
  | 'only agents are served here';

/** Beyond these networks the ones that were told longest ago are forgotten. */
const mostRemembered = 10_000;

/**
 * Tells the log of requests that were refused before they were given an id and a line of their own: once a minute for each reason and
 * network, since whoever floods the server must not flood its log too.
 */
export class EarlyRefusals {
  readonly #told = new Map<string, Milliseconds>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #log: Pick<Log, 'warn'>;

  constructor({ clock, log }: { readonly clock: Pick<Clock, 'monotonic'>; readonly log: Pick<Log, 'warn'> }) {
    this.#clock = clock;
    this.#log = log;
  }

  tell(why: EarlyRefusal, address: string): void {
    const network = networkOf(address);
    // No address has a NUL.
    const key = `${why}\0${network}`;
    const now = this.#clock.monotonic();
    const last = this.#told.get(key);
    if (last !== undefined && now - last < minute) {
      return;
    }
    remember(this.#told, [key, now], mostRemembered);
    this.#log.warn('Requests are refused unread. This is told once a minute.', { why, network });
  }
}
