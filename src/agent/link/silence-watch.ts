import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';

/**
 * Calls once when nothing has moved for a while. The runtime's own request timeout does not run while a connection is being
 * made or a body is being sent, so a network that swallows everything would hold a request for ever.
 */
export class SilenceWatch {
  private readonly clock: Clock;
  private readonly patience: Milliseconds;
  private readonly silent: () => void;
  private movedAt: Milliseconds;
  private withdraw: () => void;

  constructor(clock: Clock, patience: Milliseconds, silent: () => void) {
    this.clock = clock;
    this.patience = patience;
    this.silent = silent;
    this.movedAt = clock.monotonic();
    this.withdraw = clock.schedule(patience, () => this.look());
  }

  moved(): void {
    this.movedAt = this.clock.monotonic();
  }

  end(): void {
    this.withdraw();
  }

  private look(): void {
    const left = this.movedAt + this.patience - this.clock.monotonic();
    if (left <= 0) {
      this.silent();
    } else {
      this.withdraw = this.clock.schedule(left, () => this.look());
    }
  }
}
