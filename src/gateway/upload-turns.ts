import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';

/** Requests that may wait for one file; an honest agent has one, and perhaps the one that it has just given up. */
const mostWaiting = 4;

/** One file of a task of an endpoint. */
export interface UploadPlace {
  readonly endpointId: EndpointId;
  readonly place: string;
}

interface Turn {
  readonly endpointId: EndpointId;
  readonly abort: AbortController;
  /** Never rejects. */
  readonly settled: Promise<void>;
  readonly waiting: number;
}

/**
 * Lets one request at a time work on a file of a task. A newer one ends the older: a connection that was cut without a
 * word looks alive for minutes, and its agent must not wait for that.
 */
export class UploadTurns {
  readonly #turns = new Map<string, Turn>();

  /**
   * @param work gets a signal that says that a newer request has come.
   * @throws Fault `rate_limited` when too many wait already, `timeout` when a newer one came before this one began.
   */
  async take<Result>(
    { place, endpointId }: UploadPlace,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const earlier = this.#turns.get(place);
    const waiting = (earlier?.waiting ?? 0) + 1;
    if (waiting > mostWaiting) {
      throw new Fault('rate_limited', 'Too many requests for one file. Wait, and ask for its offset.');
    }
    earlier?.abort.abort();
    const abort = new AbortController();
    const result = this.#after(earlier, abort.signal, work);
    const turn = { endpointId, abort, waiting, settled: result.then(ignore, ignore) };
    this.#turns.set(place, turn);
    try {
      return await result;
    } finally {
      if (this.#turns.get(place) === turn) {
        this.#turns.delete(place);
      }
    }
  }

  /** Breaks off whatever is under way, or waits, for these endpoints. */
  endAll(endpointIds: ReadonlySet<EndpointId>): void {
    for (const { endpointId, abort } of this.#turns.values()) {
      if (endpointIds.has(endpointId)) {
        abort.abort();
      }
    }
  }

  async #after<Result>(
    earlier: Turn | undefined,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    await earlier?.settled;
    if (signal.aborted) {
      throw new Fault('timeout', 'A newer request for this file has come.');
    }
    return work(signal);
  }
}

function ignore(): void {
  // Whoever asked hears of it; the next in line only waits for the end.
}
