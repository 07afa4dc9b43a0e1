import type { ClockDoubt } from '#core/ports/clock-guard.ts';
import { second } from '#core/time.ts';

export function showClockDoubt(doubt: ClockDoubt | undefined) {
  if (doubt === undefined) {
    return null;
  }
  const { kind, ahead, believedIn } = doubt;
  const believedInSeconds = believedIn === null ? null : Math.ceil(believedIn / second);
  return { kind, aheadSeconds: Math.round(ahead / second), believedInSeconds };
}
