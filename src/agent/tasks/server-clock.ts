import type { Clock } from '#core/ports/clock.ts';
import { day, type Milliseconds } from '#core/time.ts';

/**
 * How far behind its own clock an agent believes a server at most. An order that was done is remembered for longer than
 * this after its deadline, so that no false time makes it be done again.
 */
const furthestBack: Milliseconds = 28 * day;

interface Heard {
  readonly server: Milliseconds;
  readonly own: Milliseconds;
  readonly monotonic: Milliseconds;
}

/**
 * The time by which orders are judged: their `notBefore` and `deadline` are the server's, and an endpoint's clock may be
 * wrong by years. Until a server has been heard it is the agent's own. Whoever hears the `time` of a `welcome` or a
 * `heartbeat` says so to `heard`; the runner, fetches and uploads are given this as their clock.
 */
export class ServerClock implements Clock {
  private last: Heard | undefined;
  private readonly own: Clock;
  private readonly former: Milliseconds | undefined;

  /** @param former how far a server's clock was ahead of the agent's own when one was heard last, in an earlier life. */
  constructor(own: Clock, former?: Milliseconds) {
    this.own = own;
    this.former = former;
  }

  /**
   * @param server milliseconds since 1970, as the server says just now.
   * @returns how far it is ahead of the agent's own clock.
   */
  heard(server: Milliseconds): Milliseconds {
    this.last = { server, own: this.own.now(), monotonic: this.own.monotonic() };
    return server - this.last.own;
  }

  /**
   * Whether nobody can say if a moment has passed: no server was heard yet in this life, and the machine's clock and what it was off
   * by in the last one disagree, for one of the two was set since. To do an order late and to let one expire early are both wrong.
   */
  isUnsure(moment: Milliseconds): boolean {
    if (this.last !== undefined || this.former === undefined) {
      return false;
    }
    const own = this.own.now();
    return own < moment !== own + this.former < moment;
  }

  /**
   * Since the server was heard the later of what two clocks say has passed: the monotonic one stands still while a machine
   * sleeps, and the other one can be set back. Too late is the safe side: an order expires instead of being done late.
   */
  now(): Milliseconds {
    const now = this.own.now();
    if (this.last === undefined) {
      return now;
    }
    const { server, own, monotonic } = this.last;
    const passed = Math.max(this.own.monotonic() - monotonic, now - own);
    return Math.max(Math.round(server + passed), now - furthestBack);
  }

  monotonic(): Milliseconds {
    return this.own.monotonic();
  }

  schedule(delay: Milliseconds, call: () => void): () => void {
    return this.own.schedule(delay, call);
  }
}
