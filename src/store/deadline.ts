import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';

/** How long one call of the store may still take. */
export interface Deadline {
  readonly passed: boolean;
  /** 0 once it has passed; Infinity where there is none. */
  remaining(): Milliseconds;
  /** The promise's own end, or Fault `timeout` when the deadline comes first. */
  race<Result>(promise: Promise<Result>): Promise<Result>;
  /** Stops the clock's call. */
  withdraw(): void;
}

export function timeoutFault(cause?: unknown): Fault {
  return new Fault('timeout', 'The store did not answer in time; nothing was changed. Try again.', { cause });
}

export function startDeadline(clock: Clock, length: Milliseconds): Deadline {
  const end = clock.monotonic() + length;
  const expiry = Promise.withResolvers<never>();
  // Nobody may be racing at the moment when it passes.
  expiry.promise.catch(() => undefined);
  let passed = false;
  const withdraw = clock.schedule(length, () => {
    passed = true;
    expiry.reject(timeoutFault());
  });
  return {
    get passed() {
      return passed;
    },
    remaining: () => (passed ? 0 : Math.max(0, Math.ceil(end - clock.monotonic()))),
    race: (promise) => Promise.race([promise, expiry.promise]),
    withdraw,
  };
}

/** For dumps, loads and migrations, which take as long as the data is large. */
export const noDeadline: Deadline = {
  passed: false,
  remaining: () => Number.POSITIVE_INFINITY,
  race: (promise) => promise,
  withdraw: () => undefined,
};
