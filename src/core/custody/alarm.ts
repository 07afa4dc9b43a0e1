import type { Clock } from '../ports/clock.ts';
import type { EventBell } from '../ports/event-bell.ts';
import type { Milliseconds } from '../time.ts';

export interface AlarmPorts {
  readonly clock: Pick<Clock, 'monotonic' | 'schedule'>;
  readonly eventBell: EventBell;
}

export interface Sleep {
  /** From one waking to the next, however often the bell rings. */
  readonly atLeast: Milliseconds;
  readonly atMost: Milliseconds;
}

/** What whoever follows the record sleeps by. It must be closed, or it is rung for ever. */
export class Alarm {
  readonly #clock: AlarmPorts['clock'];
  readonly #signal: AbortSignal;
  readonly #withdrawBell: () => void;
  readonly #onAbort = () => this.#wake?.();
  #isRung = false;
  #wake: (() => void) | undefined;
  #wokenAt: Milliseconds;

  /** @param signal when it is aborted, nobody sleeps any more */
  constructor({ clock, eventBell }: AlarmPorts, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#wokenAt = clock.monotonic();
    this.#withdrawBell = eventBell.listen(() => {
      this.#isRung = true;
      this.#wake?.();
    });
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Resolves when the bell has rung since the last call ended, or the time is over, or the signal is aborted. */
  async sleep({ atLeast, atMost }: Sleep): Promise<void> {
    await this.#until(atMost, () => this.#isRung);
    await this.#until(this.#wokenAt + atLeast - this.#clock.monotonic(), () => false);
    this.#isRung = false;
    this.#wokenAt = this.#clock.monotonic();
  }

  close(): void {
    this.#withdrawBell();
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#wake?.();
  }

  async #until(patience: Milliseconds, isAwake: () => boolean): Promise<void> {
    if (patience <= 0 || isAwake() || this.#signal.aborted) {
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = () => {
      if (isAwake() || this.#signal.aborted) {
        resolve();
      }
    };
    const withdraw = this.#clock.schedule(patience, resolve);
    try {
      await promise;
    } finally {
      this.#wake = undefined;
      withdraw();
    }
  }
}
