import type { Clock } from '../ports/clock.ts';
import { type Milliseconds, minute, second } from '../time.ts';
import { remember } from './remember.ts';

export interface PasswordAttempt {
  /** In lower case, of a user or not: both are counted alike. */
  readonly email: string;
  readonly remoteAddress: string;
}

interface Wrong {
  readonly count: number;
  readonly lastAt: Milliseconds;
}

/** So many wrong passwords in a row, each within the pause after the one before, and none counts until the pause is over. */
const mostWrong = 10;
const pause = 15 * minute;
/** Of names and addresses each; beyond these the ones that were longest ago are forgotten. */
const mostRemembered = 10_000;

/**
 * How many wrong passwords count. Wrong ones for one name are counted together wherever they come from, but for addresses from which
 * this name has logged in before: each of these is counted by itself, so that guessing shuts out those who guess and not the
 * connector that works. Kept in memory: it begins anew with the server, and every server counts for itself.
 */
export class LogInLimits {
  readonly #wrong = new Map<string, Wrong>();
  readonly #known = new Map<string, true>();
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Asked before a password is judged, to spare the work, and after it, because any number may be judged at once.
   * @returns the seconds until passwords count again; undefined where they do now.
   */
  barredFor(attempt: PasswordAttempt): number | undefined {
    const wrong = this.#wrongOf(attempt);
    if (wrong === undefined || wrong.count < mostWrong) {
      return undefined;
    }
    return Math.ceil((wrong.lastAt + pause - this.#clock.monotonic()) / second);
  }

  failed(attempt: PasswordAttempt): void {
    const count = (this.#wrongOf(attempt)?.count ?? 0) + 1;
    remember(this.#wrong, [this.#keyOf(attempt), { count, lastAt: this.#clock.monotonic() }], mostRemembered);
  }

  succeeded(attempt: PasswordAttempt): void {
    remember(this.#known, [pairOf(attempt), true], mostRemembered);
    this.#wrong.delete(pairOf(attempt));
  }

  #wrongOf(attempt: PasswordAttempt): Wrong | undefined {
    const wrong = this.#wrong.get(this.#keyOf(attempt));
    return wrong !== undefined && this.#clock.monotonic() - wrong.lastAt < pause ? wrong : undefined;
  }

  #keyOf(attempt: PasswordAttempt): string {
    const pair = pairOf(attempt);
    return this.#known.has(pair) ? pair : attempt.email;
  }
}

/** No name has a NUL. */
function pairOf({ email, remoteAddress }: PasswordAttempt): string {
  return `${email}\0${remoteAddress}`;
}
