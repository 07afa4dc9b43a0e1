import { asFault } from '#core/fault.ts';
import { newCursor } from '#core/feed/feed-cursor.ts';
import type { Webhook } from '#core/feed/webhook.ts';
import type { FeedStream, WebhookSender } from '#core/ports/feeds.ts';
import type { Ports } from '#core/ports/ports.ts';
import { second } from '#core/time.ts';
import { deliverToStream } from '#core/verbs/deliver-to-stream.ts';
import { deliverToWebhook } from '#core/verbs/deliver-to-webhook.ts';
import type { DeliveryResult, Turn } from '#core/verbs/feed-turn.ts';
import { repeat } from '../periodic.ts';

export type RunnerPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'secrets' | 'log'>;

export interface Delivering {
  readonly sender: WebhookSender;
  readonly streams: readonly FeedStream[];
  count(kind: 'webhook' | 'stream', result: DeliveryResult): void;
}

/** How often it is looked whether there is anything to deliver. */
const lookPause = second;

/** Delivers every feed, each at its own pace, one turn of it at a time. Several processes on one store share the feeds by leases. */
export class FeedRunner {
  readonly #ports: RunnerPorts;
  readonly #delivering: Delivering;
  readonly #holder: string;
  readonly #stopping = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopLooking: () => Promise<void>;
  #isOpen = false;

  constructor(ports: RunnerPorts, delivering: Delivering) {
    this.#ports = ports;
    this.#delivering = delivering;
    this.#holder = ports.random.uuid();
    this.#stopLooking = repeat(ports, lookPause, () => this.#look());
  }

  /** Ends what is on its way; what was not delivered is by the next process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopLooking();
    await Promise.all(this.#running.values());
    for (const stream of this.#delivering.streams) {
      await stream.close();
    }
    try {
      await this.#ports.store.transact(({ feeds }) => feeds.releaseLeases(this.#holder));
    } catch (thrown) {
      // They end by themselves.
      this.#ports.log.warn('The feeds could not be handed on.', { cause: asFault(thrown) });
    }
  }

  async #look(): Promise<void> {
    if (!this.#isOpen) {
      await this.#open();
    }
    const { streams } = this.#delivering;
    const due = await this.#due();
    for (const webhook of due.webhooks) {
      this.#begin(webhook.id, () => this.#deliverTo(webhook));
    }
    for (const stream of streams.filter(({ feed }) => due.feeds.has(feed))) {
      this.#begin(stream.feed, () => deliverToStream(this.#ports, stream, this.#turn('stream')));
    }
  }

  /**
   * Where one process has the store, whoever held a feed is gone; and a stream that was never there has no cursor. Before anybody is
   * answered, so that a new stream misses nothing of what happens from now on. Never rejects: it is tried again with each look.
   */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (thrown) {
      this.#ports.log.error('The feeds could not be opened; it will be tried again.', { cause: asFault(thrown) });
    }
  }

  async #open(): Promise<void> {
    const { store } = this.#ports;
    await store.transact(async ({ feeds, events }) => {
      const last = await events.lastSequence();
      for (const { feed, from } of this.#delivering.streams) {
        await feeds.openCursor(newCursor(feed, from === 'first' ? 0 : last));
      }
      if (store.reach === 'process') {
        await feeds.releaseLeases(null);
      }
    });
    this.#isOpen = true;
  }

  /** Read before anything is written: most of the time nothing is due. */
  #due(): Promise<{ readonly webhooks: readonly Webhook[]; readonly feeds: ReadonlySet<string> }> {
    const now = this.#ports.clock.now();
    return this.#ports.store.read(async ({ feeds, events }) => {
      const last = await events.lastSequence();
      const ready = (await feeds.cursors()).filter(({ notBefore }) => notBefore <= now);
      const behind = new Set(ready.filter(({ sequence }) => sequence < last).map(({ feed }) => feed));
      const isReady = new Set(ready.map(({ feed }) => feed));
      const webhooks: Webhook[] = [];
      for (const webhook of await feeds.webhooks()) {
        const isDue = behind.has(webhook.id) || (await feeds.wantedLetters(webhook.id, 1)).length > 0;
        if (!webhook.paused && isReady.has(webhook.id) && isDue) {
          webhooks.push(webhook);
        }
      }
      return { webhooks, feeds: behind };
    });
  }

  #deliverTo(webhook: Webhook): Promise<void> {
    return deliverToWebhook({ ...this.#ports, sender: this.#delivering.sender }, webhook, this.#turn('webhook'));
  }

  #turn(kind: 'webhook' | 'stream'): Turn {
    return {
      holder: this.#holder,
      stopping: this.#stopping.signal,
      count: (result) => this.#delivering.count(kind, result),
    };
  }

  #begin(feed: string, deliver: () => Promise<void>): void {
    if (this.#running.has(feed) || this.#stopping.signal.aborted) {
      return;
    }
    const running = deliver()
      .catch((thrown: unknown) => {
        this.#ports.log.error('A feed could not be delivered; it will be tried again.', {
          feed,
          cause: asFault(thrown),
        });
      })
      .finally(() => this.#running.delete(feed));
    this.#running.set(feed, running);
  }
}
