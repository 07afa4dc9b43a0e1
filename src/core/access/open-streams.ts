import { Fault } from '../fault.ts';
import type { Principal } from './principal.ts';

export interface StreamLimits {
  /** Streams that may be open at this server at once. */
  readonly most: number;
  readonly mostOfPrincipal: number;
}

/** An answer that goes on until somebody ends it. */
export interface OpenStream {
  /** Aborted when the server or the client ends it. */
  readonly signal: AbortSignal;
  /** Makes room for another one. May be called twice. */
  end(): void;
}

interface Known {
  readonly owner: string;
  readonly controller: AbortController;
  readonly ended: PromiseWithResolvers<void>;
}

/** Soon enough for whoever waits, and no burden on the server. */
const retryAfterSeconds = 10;

/** The answers that this server has open without an end of their own. In memory, of each server by itself. */
export class OpenStreams {
  readonly #open = new Set<Known>();
  readonly #limits: StreamLimits;
  #isClosed = false;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#open.size;
  }

  /** @throws Fault `rate_limited` where the principal has as many as it may, `unavailable` where the server has, or stops */
  open({ kind, id }: Pick<Principal, 'kind' | 'id'>): OpenStream {
    const owner = `${kind}\0${id}`;
    this.#demandRoom(owner);
    const known: Known = { owner, controller: new AbortController(), ended: Promise.withResolvers() };
    this.#open.add(known);
    return {
      signal: known.controller.signal,
      end: () => {
        this.#open.delete(known);
        known.controller.abort();
        known.ended.resolve();
      },
    };
  }

  /** Has all of them end, and opens no other. Resolves when nobody reads for them any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#open];
    for (const { controller } of open) {
      controller.abort();
    }
    await Promise.all(open.map(({ ended }) => ended.promise));
  }

  #demandRoom(owner: string): void {
    const { most, mostOfPrincipal } = this.#limits;
    if (this.#isClosed) {
      throw new Fault('unavailable', 'The server stops. Try again when it runs.', { details: { retryAfterSeconds } });
    }
    const own = [...this.#open].filter((each) => each.owner === owner).length;
    if (own >= mostOfPrincipal) {
      const words = `You have ${own} streams open, and may have ${mostOfPrincipal} (CUSTODY_STREAMS_PER_PRINCIPAL).`;
      throw new Fault('rate_limited', `${words} End one, or ask for events page by page.`, {
        details: { limit: mostOfPrincipal, retryAfterSeconds },
      });
    }
    if (this.#open.size >= most) {
      const words = `This server has ${most} streams open, and no room for another (CUSTODY_STREAMS).`;
      throw new Fault('unavailable', `${words} Try again later, or ask for events page by page.`, {
        details: { limit: most, retryAfterSeconds },
      });
    }
  }
}
