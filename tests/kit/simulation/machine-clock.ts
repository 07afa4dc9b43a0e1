import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Life } from './life.ts';
import type { Timeline } from './timeline.ts';

/** When simulations begin, by a clock that is right. */
export const epoch: Milliseconds = Date.UTC(2026, 10, 22, 12);

/** The clock on the wall of one machine, which may be set wrong. */
export interface WallClock {
  /** How far it is ahead of the right time. */
  ahead: Milliseconds;
  /** How long its machine was asleep, beside what the simulation lets pass. */
  slept: Milliseconds;
}

/** The clock of one program on one machine. */
export class MachineClock implements Clock {
  readonly #timeline: Timeline;
  readonly #wall: WallClock;
  readonly #life: Life;
  readonly #begun: Milliseconds;

  constructor(timeline: Timeline, wall: WallClock, life: Life) {
    this.#timeline = timeline;
    this.#wall = wall;
    this.#life = life;
    this.#begun = timeline.now;
  }

  now(): Milliseconds {
    return Math.floor(epoch + this.#timeline.now + this.#wall.ahead);
  }

  monotonic(): Milliseconds {
    return this.#timeline.now - this.#begun;
  }

  schedule(delay: Milliseconds, call: () => void): () => void {
    return this.#timeline.at(delay, () => {
      if (!this.#life.isOver) {
        call();
      }
    });
  }
}
