import { z } from 'zod';
import { asFault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import { type ClockDoubt, type ClockGuard, clockDoubtKinds } from '#core/ports/clock-guard.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import { day, hour, type Milliseconds, minute, second } from '#core/time.ts';
import type { Boot } from './machine-boot.ts';

/** Clocks are set by less than this all the time; a machine starts again in less. */
const tolerance: Milliseconds = 5 * minute;
/** The uptime is told to a second. */
const coarseness: Milliseconds = 2 * second;
/** More than this is no pause of a machine, and no outage that nobody needs to look at. */
const longestBelieved: Milliseconds = 40 * day;
/** After this long without another jump a clock is believed that went ahead by no more than that. */
const believedAfter: Readonly<Record<ClockDoubt['kind'], Milliseconds>> = { jumped: day, absent: 2 * hour };

const markSchema = z.object({
  v: z.literal(1),
  /** The time that was known to have passed at `uptime`. */
  time: z.number(),
  uptime: z.number(),
  bootId: z.string().optional(),
  doubt: z.object({ kind: z.enum(clockDoubtKinds), ahead: z.number(), sinceUptime: z.number() }).optional(),
});

type Mark = z.infer<typeof markSchema>;

type Doubted = NonNullable<Mark['doubt']>;

export interface SteadyTools {
  /** The machine's. */
  readonly clock: Clock;
  readonly boot: Boot;
  readonly fs: Fs;
  readonly log: Log;
  /** Where the time is kept for the next start. */
  readonly file: string;
}

/** A moment by each of the machine's three clocks. */
interface Anchor {
  readonly time: Milliseconds;
  readonly uptime: Milliseconds;
  readonly monotonic: Milliseconds;
}

/**
 * A server's time. It is the machine's for as long as that goes on as the uptime does; where it jumps (promise P72), the server goes on
 * with the time that it knew, until the clock is set right, somebody accepts it, or a jump ahead of a plausible length has stood for a
 * day. What happened while the server was away it cannot know: then it follows the clock, and `surely` does not for two hours.
 */
export class SteadyClock implements Clock, ClockGuard {
  readonly surely: Clock;
  readonly #tools: SteadyTools;
  #anchor: Anchor;
  #doubted: Doubted | undefined;
  #keeping: Promise<void> = Promise.resolve();

  private constructor(tools: SteadyTools, mark: Mark | undefined) {
    this.#tools = tools;
    const uptime = tools.boot.uptime();
    const isSameBoot = mark?.bootId !== undefined && mark.bootId === tools.boot.id && mark.uptime <= uptime;
    // Another boot's uptime tells nothing of the time since the mark: it may be another machine's, to which the data was moved.
    const passed = isSameBoot ? uptime - mark.uptime : 0;
    const time = mark === undefined ? tools.clock.now() : mark.time + passed;
    this.#anchor = { time, uptime, monotonic: tools.clock.monotonic() };
    const ahead = tools.clock.now() - time;
    this.#doubted = isSameBoot ? mark.doubt : undefined;
    if (!isSameBoot && ahead > tolerance) {
      this.#suspect({ kind: isStillAhead(ahead, mark?.doubt) ? 'jumped' : 'absent', ahead, sinceUptime: uptime });
    }
    this.surely = {
      now: () => this.#surely(),
      monotonic: () => tools.clock.monotonic(),
      schedule: (delay, call) => tools.clock.schedule(delay, call),
    };
  }

  /** Never rejects: without a mark that can be read the machine's clock is believed at first. */
  static async open(tools: SteadyTools): Promise<SteadyClock> {
    try {
      const bytes = await tools.fs.read(tools.file);
      return new SteadyClock(tools, bytes && markSchema.parse(JSON.parse(new TextDecoder().decode(bytes))));
    } catch (thrown) {
      tools.log.warn('The time of the last run cannot be read; the machine’s clock is believed.', {
        file: tools.file,
        cause: asFault(thrown),
      });
      return new SteadyClock(tools, undefined);
    }
  }

  now(): Milliseconds {
    const { steady, wall } = this.#look();
    return this.#doubted?.kind === 'jumped' ? steady : wall;
  }

  monotonic(): Milliseconds {
    return this.#tools.clock.monotonic();
  }

  schedule(delay: Milliseconds, call: () => void): () => void {
    return this.#tools.clock.schedule(delay, call);
  }

  doubt(): ClockDoubt | undefined {
    this.#look();
    const doubted = this.#doubted;
    if (doubted === undefined) {
      return undefined;
    }
    const { kind, ahead } = doubted;
    const end = believedFrom(doubted);
    const believedIn = end === undefined ? null : Math.max(0, end - this.#tools.boot.uptime());
    return { kind, ahead: Math.round(ahead), believedIn };
  }

  async accept(): Promise<ClockDoubt | undefined> {
    const ended = this.doubt();
    this.#believe(this.#tools.clock.now());
    await this.keep();
    return ended;
  }

  /** Keeps the time for the next start. Never rejects. */
  keep(): Promise<void> {
    // One after another: they replace the same file.
    this.#keeping = this.#keeping.then(() => this.#keep());
    return this.#keeping;
  }

  async #keep(): Promise<void> {
    const { steady } = this.#look();
    const { boot, fs, file, log } = this.#tools;
    const mark: Mark = {
      ...{ v: 1, time: steady, uptime: boot.uptime() },
      ...(boot.id !== undefined && { bootId: boot.id }),
      ...(this.#doubted !== undefined && { doubt: this.#doubted }),
    };
    try {
      await fs.replace(file, new TextEncoder().encode(`${JSON.stringify(mark)}\n`));
    } catch (thrown) {
      log.warn('The time could not be kept for the next start.', { file, cause: asFault(thrown) });
    }
  }

  #surely(): Milliseconds {
    const { steady, wall } = this.#look();
    return this.#doubted === undefined ? wall : Math.min(steady, wall);
  }

  /** Compares the clocks, and so finds out of jumps. */
  #look(): { readonly steady: Milliseconds; readonly wall: Milliseconds } {
    const wall = this.#tools.clock.now();
    const steady = Math.round(this.#anchor.time + this.#passed());
    const ahead = wall - steady;
    if (Math.abs(ahead) <= tolerance) {
      this.#believe(wall);
      return { steady: wall, wall };
    }
    const uptime = this.#tools.boot.uptime();
    const before = this.#doubted;
    if (before === undefined || Math.abs(before.ahead - ahead) > tolerance) {
      // One who was away knows of no jump, for as long as the clock is behind nothing that is known.
      const kind = before?.kind === 'absent' && ahead > 0 ? 'absent' : 'jumped';
      this.#suspect({ kind, ahead, sinceUptime: uptime });
    }
    const end = this.#doubted && believedFrom(this.#doubted);
    if (end !== undefined && uptime >= end) {
      this.#believe(wall);
      return { steady: wall, wall };
    }
    return { steady, wall };
  }

  /** The uptime counts sleep as well, the monotonic clock less than a second. */
  #passed(): Milliseconds {
    const monotonic = this.#tools.clock.monotonic() - this.#anchor.monotonic;
    const uptime = this.#tools.boot.uptime() - this.#anchor.uptime;
    return uptime - monotonic > coarseness ? uptime : monotonic;
  }

  #suspect(doubted: Doubted): void {
    this.#doubted = doubted;
    const { log } = this.#tools;
    const facts = { aheadSeconds: Math.round(doubted.ahead / second) };
    if (doubted.kind === 'jumped') {
      log.error(
        'The machine’s clock jumped and is not believed; the server goes on with the time that it knew.',
        facts,
      );
    } else {
      log.warn(
        'The server was away for long, or the machine’s clock is wrong; nothing expires yet by this time.',
        facts,
      );
    }
  }

  #believe(wall: Milliseconds): void {
    const { boot, clock, log } = this.#tools;
    if (this.#doubted !== undefined) {
      log.info('The machine’s clock is believed again.');
    }
    this.#doubted = undefined;
    this.#anchor = { time: wall, uptime: boot.uptime(), monotonic: clock.monotonic() };
  }
}

/** Whether a clock is as far ahead as before its machine was started again: then it jumped before, and nobody was away for so long. */
function isStillAhead(ahead: Milliseconds, before: Doubted | undefined): boolean {
  return before?.kind === 'jumped' && Math.abs(ahead - before.ahead) <= tolerance;
}

/** Undefined: not by itself. */
function believedFrom({ kind, ahead, sinceUptime }: Doubted): Milliseconds | undefined {
  return ahead > 0 && ahead <= longestBelieved ? sinceUptime + believedAfter[kind] : undefined;
}
