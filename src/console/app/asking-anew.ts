import type { QueryClient } from '@tanstack/react-query';
import { later } from '../kit/clock.ts';

/** Many events come at once; what is shown is asked for anew at most this often. */
const gatherFor = 700;

/**
 * Has queries asked anew, by the first words of their keys. Of each word the next round begins when the answers of the former are there:
 * where events come faster than answers, what is shown is late, and not for ever as it was.
 */
export class AskingAnew {
  readonly #queries: QueryClient;
  readonly #due = new Set<string>();
  readonly #going = new Set<string>();

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  add(roots: readonly string[]): void {
    for (const root of roots) {
      this.#due.add(root);
      if (!this.#going.has(root)) {
        void this.#ask(root);
      }
    }
  }

  async #ask(root: string): Promise<void> {
    const queryKey = [root];
    this.#going.add(root);
    while (this.#due.has(root)) {
      await new Promise<void>((resolve) => later(gatherFor, resolve));
      this.#due.delete(root);
      // An answer that is on its way may be older than the event. It is waited for, and then asked for once more.
      if (this.#queries.isFetching({ queryKey }) > 0) {
        this.#due.add(root);
      }
      await this.#queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
    }
    this.#going.delete(root);
  }
}
