import type { Milliseconds } from '../time.ts';
import type { Clock } from './clock.ts';

/**
 * Why the machine's clock is not believed. `jumped`: while this boot of the machine ran, the clock was set by more than clocks are set;
 * the server goes on with the time that it knew. `absent`: the server was not there to see whether so much time passed; it goes on by
 * the machine's clock.
 */
export const clockDoubtKinds = ['jumped', 'absent'] as const;

export interface ClockDoubt {
  readonly kind: (typeof clockDoubtKinds)[number];
  /** How far the machine's clock is ahead of the time that is known to have passed; negative where it is behind. */
  readonly ahead: Milliseconds;
  /** In how much time the clock is believed if it stays as it is; null: somebody has to say that it is right. */
  readonly believedIn: Milliseconds | null;
}

/** Tells whether the machine's clock can be believed. */
export interface ClockGuard {
  /** A clock that is ahead of no moment that may still be to come: what cannot be taken back goes by it. */
  readonly surely: Clock;
  /** Undefined while the machine's clock is believed. */
  doubt(): ClockDoubt | undefined;
  /** Believes the machine's clock as it stands. @returns the doubt that this ends; undefined where there was none. */
  accept(): Promise<ClockDoubt | undefined>;
}
