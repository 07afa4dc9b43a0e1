import { asFault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { EventBell } from '#core/ports/event-bell.ts';
import type { Log } from '#core/ports/log.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type Milliseconds, second } from '#core/time.ts';

export interface EventBellPorts {
  readonly store: Pick<Store, 'reach' | 'onEvents' | 'read'>;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly log: Pick<Log, 'warn'>;
}

/** How often the newest number is read that another server may have written, while somebody listens. */
const lookPause: Milliseconds = second;

/**
 * Rings after commits of this process. Where several servers share the store it also looks at the newest number, once for all who listen and
 * never while nobody does. LISTEN and NOTIFY would be faster by less than that second, for a connection that each server holds for
 * ever, and that the usual poolers in front of a database do not carry.
 */
export class StoreEventBell implements EventBell {
  readonly #ports: EventBellPorts;
  readonly #listeners = new Set<() => void>();
  #withdrawLook: (() => void) | undefined;
  #newest = 0;

  constructor(ports: EventBellPorts) {
    this.#ports = ports;
    ports.store.onEvents(() => this.#ring());
  }

  listen(ring: () => void): () => void {
    // Two who listen with one function are two.
    const listener = () => ring();
    this.#listeners.add(listener);
    if (this.#ports.store.reach === 'cluster') {
      this.#withdrawLook ??= this.#lookLater();
    }
    return () => void this.#listeners.delete(listener);
  }

  #ring(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #lookLater(): () => void {
    return this.#ports.clock.schedule(lookPause, () => void this.#look());
  }

  /** Never rejects: the next look finds what this one did not. */
  async #look(): Promise<void> {
    if (this.#listeners.size === 0) {
      this.#withdrawLook = undefined;
      return;
    }
    try {
      const newest = await this.#ports.store.read(({ events }) => events.lastSequence());
      if (newest !== this.#newest) {
        this.#newest = newest;
        this.#ring();
      }
    } catch (thrown) {
      this.#ports.log.warn('Whether there are new events could not be asked.', { cause: asFault(thrown) });
    }
    this.#withdrawLook = this.#lookLater();
  }
}
