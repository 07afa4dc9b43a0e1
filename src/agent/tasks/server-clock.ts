import type { Clock } from '#core/ports/clock.ts';
import { day, type Milliseconds, minute } from '#core/time.ts';

/**
 * How far behind its own clock an agent believes a server at most. An order that was done is remembered for longer than
 * this after its deadline, so that no false time makes it be done again.
 */
const furthestBack: Milliseconds = 28 * day;

/** After this long without a server's word the agent's own clock may be anything: nothing is begun and nothing expires (promise P34). */
const longestUnheard: Milliseconds = 7 * day;
/** Clocks are set by less than this all the time. */
const tolerance: Milliseconds = minute;

/** What one life of an agent leaves to the next of the last time that a server was heard. */
export interface LastHeard {
  /** How far the server's clock was ahead of the agent's own. */
  readonly ahead: Milliseconds;
  /** When that was, by the agent's own clock; undefined where an older agent has not kept it. */
  readonly heardAt: Milliseconds | undefined;
}

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
  private readonly former: LastHeard | undefined;

  /** @param former when a server was heard last in an earlier life. */
  constructor(own: Clock, former?: LastHeard) {
    this.own = own;
    this.former = former;
  }

  /**
   * @param server milliseconds since 1970, as the server says just now.
   * @returns what the next life needs to know of it.
   */
  heard(server: Milliseconds): LastHeard {
    const own = this.own.now();
    this.last = { server, own, monotonic: this.own.monotonic() };
    return { ahead: server - own, heardAt: own };
  }

  /**
   * Whether nobody can say if a moment has passed: no server was heard for a week (promise P34), or none yet in this life, while the
   * machine's clock was set since the last one. To do an order late and to let one expire early are both wrong.
   */
  isUnsure(moment: Milliseconds): boolean {
    if (this.last !== undefined) {
      return this.passedSince(this.last) > longestUnheard;
    }
    if (this.former === undefined) {
      return false;
    }
    const { ahead, heardAt } = this.former;
    const own = this.own.now();
    const unheard = own - (heardAt ?? own);
    return unheard > longestUnheard || unheard < -tolerance || own < moment !== own + ahead < moment;
  }

  now(): Milliseconds {
    const now = this.own.now();
    if (this.last === undefined) {
      return now;
    }
    return Math.max(Math.round(this.last.server + this.passedSince(this.last)), now - furthestBack);
  }

  /**
   * A moment that has come by the machine's clock and by the server's, whichever is behind; undefined where no server was heard within
   * a week. One clock that is wrong by years does not make it wrong.
   */
  surelyPassed(): Milliseconds | undefined {
    if (this.last === undefined || this.passedSince(this.last) > longestUnheard) {
      return undefined;
    }
    const { server, monotonic } = this.last;
    return Math.min(this.own.now(), Math.floor(server + this.own.monotonic() - monotonic));
  }

  /**
   * The later of what two clocks say: the monotonic one stands still while a machine sleeps, and the other one can be set back.
   * Too late is the safe side: an order expires instead of being done late.
   */
  private passedSince({ own, monotonic }: Heard): Milliseconds {
    return Math.max(this.own.monotonic() - monotonic, this.own.now() - own);
  }

  monotonic(): Milliseconds {
    return this.own.monotonic();
  }

  schedule(delay: Milliseconds, call: () => void): () => void {
    return this.own.schedule(delay, call);
  }
}
