import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { pause } from '../tasks/pause.ts';

/** What may go out at once after a silence. */
const burst: Milliseconds = second / 4;
/** Whoever waits looks again after this, for the limit may have changed. */
const longestWait: Milliseconds = second;

/**
 * A token bucket that all uploads of an agent draw from, each a piece at a time and in the order of asking, so that many
 * files share the line evenly. The limit is asked for anew with every piece: a policy may change while a file is sent.
 */
export class Bandwidth {
  private readonly clock: Clock;
  private readonly limit: () => number | null;
  /** When the line would be free, had everything been sent at the limit. */
  private free: Milliseconds;

  /** @param limit bytes per second; null for none. */
  constructor(clock: Clock, limit: () => number | null) {
    this.clock = clock;
    this.limit = limit;
    this.free = clock.monotonic();
  }

  /** How long a piece may be, so that it takes no more than a burst to send. */
  get piece(): number {
    const limit = this.limit();
    return limit === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((limit * burst) / second));
  }

  /** Resolves when these bytes may be sent, or as soon as the signal is given. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const limit = this.limit();
    if (limit === null) {
      return;
    }
    const now = this.clock.monotonic();
    this.free = Math.max(this.free, now - burst) + (bytes / limit) * second;
    const until = this.free;
    for (let left = until - now; left > 0 && !signal.aborted && this.limit() !== null; ) {
      await pause(this.clock, Math.min(left, longestWait), signal);
      left = until - this.clock.monotonic();
    }
  }
}
