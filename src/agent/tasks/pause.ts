import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';

/** Resolves after `delay`, or as soon as the signal is given. */
export function pause(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<void> {
  if (signal.aborted || delay <= 0) {
    return Promise.resolve();
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    withdraw();
    signal.removeEventListener('abort', end);
    resolve();
  };
  const withdraw = clock.schedule(delay, end);
  signal.addEventListener('abort', end);
  return promise;
}
