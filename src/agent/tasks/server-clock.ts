import type { Clock } from '#core/ports/clock.ts';
import { day, hour, type Milliseconds, minute } from '#core/time.ts';
import { journalMemory } from '../journal/journal.ts';

/** After this long without a server's word the agent's own clock may be anything: nothing is begun and nothing expires (promise P34). */
const longestUnheard: Milliseconds = 7 * day;
/** The note of a life is an hour behind what it heard, and more where the disk does not take it (`ClockNote`). */
const noteBehind: Milliseconds = day;
/**
 * How far behind the newest moment that surely came an agent believes a server at most, so that no false time makes it do again what it
 * has done and forgotten. The moment that it forgets by (`surelyPassed`) is later than that one by at most `longestUnheard`, and the next
 * life may know only of one that is earlier by `noteBehind`.
 */
const furthestBack: Milliseconds = journalMemory - longestUnheard - noteBehind;

/** Clocks are set by less than this all the time. */
const tolerance: Milliseconds = minute;
/** A server believes its own machine's clock where it is set by a little less than this. */
const serverTolerance: Milliseconds = 10 * minute;
/** A time that a server insists on for this long is believed (promise P72): longer than a server itself doubts a clock that may be right. */
const longestDispute: Milliseconds = 26 * hour;

/** What one life of an agent leaves to the next of the last time that a server was heard. */
export interface LastHeard {
  /** How far the server's clock was ahead of the agent's own. */
  readonly ahead: Milliseconds;
  /** When that was, by the agent's own clock; undefined where an older agent has not kept it. */
  readonly heardAt: Milliseconds | undefined;
}

interface Heard {
  readonly server: Milliseconds;
  /** What had come for sure, as the server said; less, where it doubted its time. */
  readonly surely: Milliseconds;
  readonly own: Milliseconds;
  readonly monotonic: Milliseconds;
}

/**
 * A time that a server tells and that is not believed: `agent`, because it does not follow from what one told before, `server`, because
 * it doubts it itself and there is nothing else to hold it against.
 */
type Dispute =
  | {
      readonly by: 'agent';
      /** What was heard last without one. */
      readonly settled: Heard;
      /** By the monotonic clock. */
      readonly since: Milliseconds;
    }
  | { readonly by: 'server' };

/** A clock that knows when nobody can say what time it is. */
export interface JudgingClock extends Clock {
  /** Whether nobody can say if a moment has passed. */
  isUnsure(moment: Milliseconds): boolean;
}

/**
 * The time by which orders are judged: their `notBefore` and `deadline` are the server's, and an endpoint's clock may be
 * wrong by years. Until a server has been heard it is the agent's own. Whoever hears the `time` of a `welcome` or a
 * `heartbeat` says so to `heard`; the runner, fetches and uploads are given this as their clock.
 */
export class ServerClock implements JudgingClock {
  private last: Heard | undefined;
  private dispute: Dispute | undefined;
  /** The newest moment that came by both clocks while nothing was disputed; in any life. */
  private came: Milliseconds;
  private readonly own: Clock;
  private readonly former: LastHeard | undefined;

  /** @param former when a server was heard last in an earlier life. */
  constructor(own: Clock, former?: LastHeard) {
    this.own = own;
    this.former = former;
    const { heardAt, ahead } = former ?? { heardAt: undefined, ahead: 0 };
    this.came = heardAt === undefined ? Number.NEGATIVE_INFINITY : Math.min(heardAt, heardAt + ahead);
  }

  /**
   * @param server milliseconds since 1970, as the server says just now.
   * @param surely what has come even if that is wrong: less, where the server itself doubts it.
   * @returns what the next life needs to know of it, nothing of a time that is disputed; undefined where nothing is known better.
   */
  heard(server: Milliseconds, surely = server): LastHeard | undefined {
    const heard = { server, surely, own: this.own.now(), monotonic: this.own.monotonic() };
    this.dispute = this.disputeOf(heard);
    this.last = heard;
    switch (this.dispute?.by) {
      case 'agent':
        return noteOf(this.dispute.settled);
      case 'server':
        return undefined;
      case undefined:
        this.came = Math.max(this.came, Math.min(heard.own, server));
        return noteOf(heard);
    }
  }

  /**
   * Whether nobody can say if a moment has passed: no server was heard for a week (promise P34), or none yet in this life, and either
   * the machine's clock was set since the last one or the moment has passed by that clock only; or two clocks disagree about how long ago
   * that was, or what a server says now does not follow from what it said (promise P72). To do an order late and to let one expire
   * early are both wrong.
   */
  isUnsure(moment: Milliseconds): boolean {
    if (this.last !== undefined) {
      return this.passedSince(this.last) > longestUnheard || this.disagree(moment, this.last);
    }
    const own = this.own.now();
    const { ahead, heardAt = own } = this.former ?? { ahead: 0 };
    const unheard = own - heardAt;
    // The machine's clock may have been set while no agent ran. Until a server is heard nobody could be told that an order has expired.
    return unheard > longestUnheard || unheard < -tolerance || Math.max(own, own + ahead) >= moment;
  }

  now(): Milliseconds {
    if (this.last === undefined) {
      return this.own.now();
    }
    return Math.max(Math.round(this.last.server + this.passedSince(this.last)), this.came - furthestBack);
  }

  /**
   * A moment that has come by the machine's clock and by the server's, whichever is behind; undefined where no server was heard within
   * a week, or what it says is disputed. One clock that is wrong by years does not make it wrong.
   */
  surelyPassed(): Milliseconds | undefined {
    if (this.last === undefined || this.dispute !== undefined || this.passedSince(this.last) > longestUnheard) {
      return undefined;
    }
    const { server, monotonic } = this.last;
    return Math.min(this.own.now(), Math.floor(server + this.own.monotonic() - monotonic));
  }

  private disputeOf(heard: Heard): Dispute | undefined {
    const { server, surely, monotonic } = heard;
    const isDoubted = surely < server;
    // One source of time may have set both machines' clocks: against a server's own doubt only the monotonic one counts.
    const settled = this.settled ?? (isDoubted ? undefined : this.formerly(heard));
    if (settled === undefined) {
      return isDoubted ? { by: 'server' } : undefined;
    }
    const since = this.dispute?.by === 'agent' ? this.dispute.since : monotonic;
    const isInsistedOn = !isDoubted && monotonic - since >= longestDispute;
    const most = isDoubted ? monotonic - settled.monotonic : this.passedSince(settled);
    return isInsistedOn || this.follows(server, settled, most) ? undefined : { by: 'agent', settled, since };
  }

  /** Whether a time may be what a server says at most so long after the other. */
  private follows(server: Milliseconds, before: Heard, most: Milliseconds): boolean {
    const least = this.own.monotonic() - before.monotonic;
    const passed = server - before.server;
    return passed >= least - serverTolerance && passed <= most + serverTolerance;
  }

  private disagree(moment: Milliseconds, last: Heard): boolean {
    const { own, monotonic, server, surely } = last;
    const passed = this.own.monotonic() - monotonic;
    const byMonotonic = server + passed;
    const byOwn = server + this.own.now() - own;
    const times = [byMonotonic, ...(byOwn - byMonotonic > tolerance ? [byOwn] : [])];
    if (this.dispute !== undefined) {
      times.push(surely + passed);
    }
    if (this.dispute?.by === 'agent') {
      const { settled } = this.dispute;
      times.push(settled.server + this.own.monotonic() - settled.monotonic);
    }
    return times.some((time) => time < moment) && times.some((time) => time >= moment);
  }

  /** What would be heard now; undefined where it is more than is heard: this machine's clock may have been set ahead since, or back. */
  private formerly({ server, own, monotonic }: Heard): Heard | undefined {
    const { ahead, heardAt = Number.POSITIVE_INFINITY } = this.former ?? { ahead: 0 };
    const unheard = own - heardAt;
    const expected = own + ahead;
    const isGood = unheard >= -tolerance && unheard <= longestUnheard && expected < server;
    return isGood ? { server: expected, surely: expected, own, monotonic } : undefined;
  }

  /** What was heard last in this life that nobody doubted. */
  private get settled(): Heard | undefined {
    switch (this.dispute?.by) {
      case 'agent':
        return this.dispute.settled;
      case 'server':
        return undefined;
      case undefined:
        return this.last;
    }
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

function noteOf({ server, own }: Heard): LastHeard {
  return { ahead: server - own, heardAt: own };
}
