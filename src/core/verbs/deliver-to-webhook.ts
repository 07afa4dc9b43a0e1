import { attemptsOfRefused, longestTrying, pauseAfter } from '../feed/backoff.ts';
import { chosenTypes } from '../feed/event-groups.ts';
import type { FeedCursor } from '../feed/feed-cursor.ts';
import type { FeedEvent } from '../feed/feed-event.ts';
import { delivered, failed, forbidden, givenUp, passedOver } from '../feed/feed-progress.ts';
import type { Receipt } from '../feed/receipt.ts';
import { mostDeadLetters, type Webhook } from '../feed/webhook.ts';
import { type Milliseconds, minute, second } from '../time.ts';
import type { DeliveryPorts, Turn } from './feed-turn.ts';
import { readFeed } from './read-feed.ts';
import { redeliver } from './redeliver.ts';
import { sendEvent } from './send-event.ts';
import { leaseOf, takeFeed } from './take-feed.ts';

const eventsAtOnce = 100;
/** What is delivered is kept at least so often: after a kill no more than this is sent again. */
const keepingPause = second;
/** After it the webhook is read anew: it may have been changed, paused or deleted. */
const longestTurn = 5 * second;
const forbiddenPause = 5 * minute;

/**
 * Sends a webhook's next events, one after the other, in their order. An event that is not taken is tried again at a later turn, and
 * holds up the others; one that is given up goes to the dead letters, in the transaction that moves the cursor past it.
 * At least once: what was sent and not yet kept is sent again by whoever comes next, under the same message id.
 */
export async function deliverToWebhook(ports: DeliveryPorts, webhook: Webhook, turn: Turn): Promise<void> {
  const cursor = await takeFeed(ports, webhook.id, turn.holder);
  if (cursor === undefined) {
    return;
  }
  await redeliver(ports, webhook, turn);
  let next: FeedCursor | undefined = cursor;
  const webhookTurn = new WebhookTurn(ports, webhook, turn);
  while (next !== undefined && webhookTurn.isOn) {
    next = await webhookTurn.goOn(next);
  }
}

class WebhookTurn {
  readonly #ports: DeliveryPorts;
  readonly #webhook: Webhook;
  readonly #turn: Turn;
  readonly #began: Milliseconds;
  #keptAt: Milliseconds;

  constructor(ports: DeliveryPorts, webhook: Webhook, turn: Turn) {
    this.#ports = ports;
    this.#webhook = webhook;
    this.#turn = turn;
    this.#began = ports.clock.monotonic();
    this.#keptAt = this.#began;
  }

  get isOn(): boolean {
    return !this.#turn.stopping.aborted && this.#ports.clock.monotonic() - this.#began < longestTurn;
  }

  /** Another page. @returns how far it came; undefined where the turn is over. */
  async goOn(from: FeedCursor): Promise<FeedCursor | undefined> {
    const page = { after: from.sequence, limit: eventsAtOnce };
    const { events, upTo } = await this.#ports.store.read((reader) =>
      readFeed(reader, chosenTypes(this.#webhook), page),
    );
    const end = await this.#sendAll(from, events);
    if (end === undefined) {
      return undefined;
    }
    const isThrough = end.sequence === (events.at(-1)?.event.sequence ?? from.sequence);
    const cursor = isThrough ? passedOver(end, upTo) : end;
    const isKept = await this.#keep(cursor);
    return isKept && isThrough && events.length === eventsAtOnce ? cursor : undefined;
  }

  /** @returns false where the webhook is gone, or somebody else's now. */
  async #keep(cursor: FeedCursor): Promise<boolean> {
    const { store, clock } = this.#ports;
    const lease = leaseOf(clock.now(), this.#turn.holder);
    const isKept = await store.transact(({ feeds }) => feeds.keepCursor(cursor, lease));
    this.#keptAt = clock.monotonic();
    return isKept;
  }

  /** @returns how far it came; undefined where nothing more may be written. */
  async #sendAll(from: FeedCursor, events: readonly FeedEvent[]): Promise<FeedCursor | undefined> {
    const { clock } = this.#ports;
    let cursor = from;
    for (const told of events) {
      const receipt = await sendEvent(this.#ports, { webhook: this.#webhook, told, stopping: this.#turn.stopping });
      if (this.#turn.stopping.aborted) {
        return cursor;
      }
      if (receipt.kind !== 'taken') {
        return this.#afterFailure(cursor, told, receipt);
      }
      this.#turn.count('delivered');
      cursor = delivered(cursor, told.event.sequence, clock.now());
      if (clock.monotonic() - this.#keptAt >= keepingPause && !(await this.#keep(cursor))) {
        return undefined;
      }
      if (!this.isOn) {
        return cursor;
      }
    }
    return cursor;
  }

  async #afterFailure(
    cursor: FeedCursor,
    { event: { sequence } }: FeedEvent,
    receipt: Exclude<Receipt, { readonly kind: 'taken' }>,
  ): Promise<FeedCursor | undefined> {
    const { clock, random, log } = this.#ports;
    const { id: webhook, name } = this.#webhook;
    const now = clock.now();
    const { words } = receipt;
    if (receipt.kind === 'forbidden') {
      log.warn('A webhook may not go where it leads to.', { webhook, name, why: words });
      return forbidden(cursor, { now, words, pause: forbiddenPause });
    }
    const attempts = cursor.failures + 1;
    if (this.#isOver(cursor, receipt)) {
      return this.#giveUp(cursor, sequence, { attempts, words });
    }
    this.#turn.count('failed');
    const pause = pauseAfter(attempts, receipt.retryAfter, random);
    const next = failed(cursor, { now, words, pause });
    const since = new Date(next.failingSince ?? now).toISOString();
    const facts = { webhook, name, event: sequence, attempts, why: words, failingSince: since };
    log.warn('A webhook did not take an event; it will be tried again.', facts);
    return next;
  }

  #isOver({ failures, firstFailedAt }: FeedCursor, { isFinal }: { readonly isFinal: boolean }): boolean {
    const { attempts } = this.#webhook;
    const most = isFinal ? Math.min(attempts, attemptsOfRefused) : attempts;
    return failures + 1 >= most || (firstFailedAt !== null && this.#ports.clock.now() - firstFailedAt >= longestTrying);
  }

  /** The letter and the way past it are one transaction: neither is an event lost, nor told to be lost when it was not. */
  async #giveUp(
    cursor: FeedCursor,
    sequence: number,
    { attempts, words }: { readonly attempts: number; readonly words: string },
  ): Promise<undefined> {
    const { store, clock, log } = this.#ports;
    const { id: webhookId, name } = this.#webhook;
    const now = clock.now();
    const next = givenUp(cursor, sequence, { now, words });
    const isGivenUp = await store.transact(async ({ feeds }) => {
      if (!(await feeds.keepCursor(next, leaseOf(now, this.#turn.holder)))) {
        return false;
      }
      const letter = { webhookId, sequence, givenUpAt: now, attempts, error: words, isWanted: false };
      await feeds.putDeadLetter(letter, mostDeadLetters);
      return true;
    });
    if (isGivenUp) {
      this.#turn.count('given_up');
      const facts = { webhook: webhookId, name, event: sequence, attempts, why: words };
      log.error('A webhook did not take an event, which is a dead letter now.', facts);
    }
    return undefined;
  }
}
