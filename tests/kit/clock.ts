import type { Clock } from '#core/ports/clock.ts';
import type { ClockGuard } from '#core/ports/clock-guard.ts';
import type { Milliseconds } from '#core/time.ts';

/** Wall time stands still until the test moves it; deadlines of the store run in real time. */
export interface TestClock extends Clock {
  advance(by: Milliseconds): void;
}

export function openTestClock(start: Milliseconds): TestClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => performance.now(),
    schedule(delay, call) {
      const timer = setTimeout(call, delay);
      return () => clearTimeout(timer);
    },
    advance(by) {
      now += by;
    },
  };
}

/** A clock that never jumps. */
export function believed(clock: Clock): ClockGuard {
  return { surely: clock, doubt: () => undefined, accept: async () => undefined };
}
