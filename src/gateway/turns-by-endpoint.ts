import type { EndpointId } from '#core/endpoint/endpoint-id.ts';

/** One at a time for each endpoint, in the order in which they came. */
export class TurnsByEndpoint {
  readonly #last = new Map<EndpointId, { readonly settled: Promise<void>; readonly waiting: number }>();
  readonly #mostWaiting: number;

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /** @returns undefined, and nothing was done, when too many wait. */
  take<Result>(id: EndpointId, work: () => Promise<Result>): Promise<Result> | undefined {
    const earlier = this.#last.get(id);
    const waiting = (earlier?.waiting ?? 0) + 1;
    if (waiting > this.#mostWaiting) {
      return undefined;
    }
    const result = (earlier?.settled ?? Promise.resolve()).then(work);
    const turn = { waiting, settled: result.then(ignore, ignore) };
    this.#last.set(id, turn);
    void turn.settled.then(() => {
      if (this.#last.get(id) === turn) {
        this.#last.delete(id);
      }
    });
    return result;
  }
}

function ignore(): void {
  // Whoever asked hears of it; the next in line only waits for the end.
}
