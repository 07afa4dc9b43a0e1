import { pauseOfStream } from '../feed/backoff.ts';
import type { FeedCursor } from '../feed/feed-cursor.ts';
import { delivered, failed, passedOver } from '../feed/feed-progress.ts';
import type { FeedStream } from '../ports/feeds.ts';
import type { Ports } from '../ports/ports.ts';
import type { Turn } from './feed-turn.ts';
import { readFeed } from './read-feed.ts';
import { leaseOf, takeFeed } from './take-feed.ts';

type StreamPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'log'>;

const eventsAtOnce = 200;

/**
 * Sends a stream's next events. What was handed over is kept as delivered only once the next ones were, or nothing went wrong for a
 * moment: a connection that breaks says so late, and takes with it what was on its way.
 */
export async function deliverToStream(ports: StreamPorts, stream: FeedStream, turn: Turn): Promise<void> {
  const cursor = await takeFeed(ports, stream.feed, turn.holder);
  if (cursor === undefined) {
    return;
  }
  const streamTurn = new StreamTurn(ports, stream, { turn, cursor });
  try {
    await streamTurn.go();
  } catch (thrown) {
    if (!turn.stopping.aborted) {
      await streamTurn.fail(thrown);
    }
  }
}

class StreamTurn {
  readonly #ports: StreamPorts;
  readonly #stream: FeedStream;
  readonly #turn: Turn;
  /** Known to have arrived, as far as that can be known. */
  #cursor: FeedCursor;

  constructor(
    ports: StreamPorts,
    stream: FeedStream,
    { turn, cursor }: { readonly turn: Turn; readonly cursor: FeedCursor },
  ) {
    this.#ports = ports;
    this.#stream = stream;
    this.#turn = turn;
    this.#cursor = cursor;
  }

  async go(): Promise<void> {
    const { clock } = this.#ports;
    let handedOver = this.#cursor;
    while (!this.#turn.stopping.aborted) {
      const page = { after: handedOver.sequence, limit: eventsAtOnce };
      const { events, upTo } = await this.#ports.store.read((reader) => readFeed(reader, undefined, page));
      if (events.length === 0) {
        break;
      }
      await this.#stream.deliver(events, this.#turn.stopping);
      if (!(await this.#keep(handedOver))) {
        return;
      }
      events.map(() => this.#turn.count('delivered'));
      handedOver = delivered(passedOver(handedOver, upTo), upTo, clock.now());
    }
    await this.#stream.settle();
    await this.#keep(handedOver);
  }

  async fail(thrown: unknown): Promise<void> {
    const { clock, random, log } = this.#ports;
    this.#turn.count('failed');
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    const now = clock.now();
    const pause = pauseOfStream(this.#cursor.failures + 1, random);
    const next = failed(this.#cursor, { now, words, pause });
    const failingSince = new Date(next.failingSince ?? now).toISOString();
    const facts = { stream: this.#stream.feed, after: next.sequence, failingSince, why: words };
    log.warn('A stream of events does not take them; they will be sent again.', facts);
    await this.#keep(next);
  }

  async #keep(cursor: FeedCursor): Promise<boolean> {
    const { store, clock } = this.#ports;
    const lease = leaseOf(clock.now(), this.#turn.holder);
    const isKept = await store.transact(({ feeds }) => feeds.keepCursor(cursor, lease));
    this.#cursor = cursor;
    return isKept;
  }
}
