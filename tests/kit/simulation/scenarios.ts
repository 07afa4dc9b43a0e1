import { hour, minute, second } from '#core/time.ts';
import type { Breakage } from './breakages.ts';
import type { SimulationOptions } from './simulation.ts';
import type { Climate, Mishap } from './weather.ts';

/** What goes wrong with single steps, when things go wrong at all. */
const roughClimate: Climate = {
  frame_repeated: 0.5,
  frame_late: 0.5,
  request_lost: 0.05,
  answer_lost: 0.05,
  body_broken: 0.1,
  store_busy: 0.004,
  store_broken: 0.001,
  store_stalled: 0.0002,
  commit_refused: 0.004,
  commit_unanswered: 0.004,
  disk_refused: 0.004,
  signer_away: 0.05,
};

/** Of so many endpoints some step goes wrong all the time. */
const largeClimate: Climate = {
  ...roughClimate,
  frame_repeated: 0.05,
  store_busy: 0.0005,
  store_broken: 0.0001,
  store_stalled: 0.00002,
  commit_refused: 0.0005,
  commit_unanswered: 0.0005,
};

/** A few endpoints, a few people, and something that breaks every few seconds. */
export function roughFleet(seed: number, breakage?: Breakage): SimulationOptions {
  return {
    ...{ seed, agents: 5, span: 40 * minute, climate: roughClimate },
    ...{ ordersEvery: 10 * second, mishapsEvery: 7 * second, looksEvery: 30 * second },
    ...(breakage && { breakage }),
  };
}

/** As many endpoints as one team has, for an hour in which machines, lines and disks fail as they do, and the server now and then. */
export function largeFleet(seed: number): SimulationOptions {
  return {
    ...{ seed, agents: 1_000, span: hour, climate: largeClimate },
    ...{ ordersEvery: 30 * second, mishapsEvery: 40 * second, looksEvery: 20 * minute },
  };
}

/** Programs that ended without a word, and machines that lost their power. */
export const crashes: readonly Mishap[] = ['agent_killed', 'agent_lost_power', 'server_killed', 'server_lost_power'];

/** Adds up what was injected. */
export class Totals {
  readonly #counts = new Map<Mishap, number>();

  add(counts: ReadonlyMap<Mishap, number>): void {
    for (const [mishap, count] of counts) {
      this.#counts.set(mishap, (this.#counts.get(mishap) ?? 0) + count);
    }
  }

  of(mishaps: readonly Mishap[]): number {
    return mishaps.reduce((sum, mishap) => sum + (this.#counts.get(mishap) ?? 0), 0);
  }

  /** One line, the most frequent first. */
  get words(): string {
    return [...this.#counts]
      .toSorted(([, one], [, other]) => other - one)
      .map(([mishap, count]) => `${count} ${mishap.replaceAll('_', ' ')}`)
      .join(', ');
  }
}
