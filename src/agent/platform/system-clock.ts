import type { Clock } from '#core/ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delay, call) {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};
