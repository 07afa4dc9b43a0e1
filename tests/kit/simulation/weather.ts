import type { Milliseconds } from '#core/time.ts';
import { type Chance, seeded } from '../chance.ts';

/** All that goes wrong in a simulation, each counted. */
export const mishaps = [
  'agent_killed',
  'agent_lost_power',
  'server_killed',
  'server_lost_power',
  'connection_reset',
  'connection_silent',
  'partition',
  'frame_repeated',
  'frame_late',
  'request_lost',
  'answer_lost',
  'body_broken',
  'store_busy',
  'store_broken',
  'store_stalled',
  'commit_refused',
  'commit_unanswered',
  'disk_refused',
  'agent_clock_jumped',
  'server_clock_jumped',
  'signer_away',
] as const;

export type Mishap = (typeof mishaps)[number];

/** How likely something goes wrong each time that it can; what is left out never does. */
export type Climate = Readonly<Partial<Record<Mishap, number>>>;

/** Decides, by a seed, when what goes wrong, and how long things take. */
export class Weather {
  readonly chance: Chance;
  readonly counts = new Map<Mishap, number>();
  readonly #climate: Climate;
  /** Nothing goes wrong any more. */
  isCalm = false;

  constructor(seed: number, climate: Climate) {
    this.chance = seeded(seed);
    this.#climate = climate;
  }

  /** Whether this goes wrong now; counted where it does. */
  strikes(mishap: Mishap): boolean {
    const likelihood = this.#climate[mishap] ?? 0;
    // Chance is asked in a calm, too: what follows must not depend on when it began.
    const struck = this.chance.fraction() < likelihood && !this.isCalm;
    if (struck) {
      this.count(mishap);
    }
    return struck;
  }

  count(mishap: Mishap): void {
    this.counts.set(mishap, (this.counts.get(mishap) ?? 0) + 1);
  }

  /** Mostly short, now and then up to `most`. */
  delay(most: Milliseconds): Milliseconds {
    return most * this.chance.fraction() ** 4;
  }

  between(least: Milliseconds, most: Milliseconds): Milliseconds {
    return least + (most - least) * this.chance.fraction();
  }
}
