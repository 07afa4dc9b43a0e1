import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Milliseconds } from '#core/time.ts';

export interface Coalescing<Item, Result> {
  readonly clock: Pick<Clock, 'schedule'>;
  /** How long the first item waits for others while nothing runs. */
  readonly delay: Milliseconds;
  /** What an item weighs, in the unit of the two limits. */
  weigh(item: Item): number;
  /** The most weight in one run; a single heavier item runs alone. */
  readonly mostPerRun: number;
  /** The most weight that may wait. */
  readonly mostWaiting: number;
  /** One result per item, in their order. A rejection is every item's. */
  run(items: readonly Item[]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly weight: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Many small pieces of work, done few at a time: what arrives within a moment, or while a run is under way, goes into
 * the next run together. This is what makes one commit out of a thousand reports.
 */
export class Coalescer<Item, Result> {
  readonly #options: Coalescing<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #weight = 0;
  #scheduled = false;
  #running: Promise<void> | undefined;

  constructor(options: Coalescing<Item, Result>) {
    this.#options = options;
  }

  /** @throws Fault `rate_limited` when too much is waiting already; else whatever the run throws. */
  submit(item: Item): Promise<Result> {
    const weight = this.#options.weigh(item);
    if (this.#weight > 0 && this.#weight + weight > this.#options.mostWaiting) {
      return Promise.reject(new Fault('rate_limited', 'Too much is waiting to be recorded. Try again later.'));
    }
    this.#weight += weight;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, weight, resolve, reject });
      this.#wake();
    });
  }

  /** Resolves once nothing waits and nothing runs. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== undefined) {
      this.#running ??= this.#runAll();
      await this.#running;
    }
  }

  #wake(): void {
    if (this.#scheduled || this.#running !== undefined) {
      return;
    }
    this.#scheduled = true;
    this.#options.clock.schedule(this.#options.delay, () => {
      this.#scheduled = false;
      this.#running ??= this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#runSome(this.#take());
    }
    this.#running = undefined;
  }

  async #runSome(some: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(some.map(({ item }) => item));
      for (const [index, { resolve, reject }] of some.entries()) {
        const result = results[index];
        if (result === undefined) {
          reject(new Fault('internal', 'A run gave fewer results than it had items.'));
        } else {
          resolve(result);
        }
      }
    } catch (thrown) {
      for (const { reject } of some) {
        reject(thrown);
      }
    }
  }

  #take(): readonly Waiting<Item, Result>[] {
    let count = 0;
    let weight = 0;
    for (const each of this.#waiting) {
      const next = weight + each.weight;
      if (count > 0 && next > this.#options.mostPerRun) {
        break;
      }
      weight = next;
      count += 1;
    }
    this.#weight -= weight;
    return this.#waiting.splice(0, count);
  }
}
