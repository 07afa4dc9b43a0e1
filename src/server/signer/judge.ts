import { createHash } from 'node:crypto';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import { SignerRefusal, type StatementKind } from '#core/ports/order-signer.ts';
import { day, type Milliseconds, minute, second } from '#core/time.ts';
import { TokenBucket } from '#core/token-bucket.ts';
import { decodeCanonical } from '#wire/canonical.ts';
import { isDestructive } from '#wire/destructive.ts';
import { ledgerStatementSchema } from '#wire/ledger.ts';
import { type Order, orderSchema } from '#wire/order.ts';
import { trustSchema } from '#wire/trust.ts';
import type { SignerPolicy } from './policy.ts';

/** An objection, with what the bytes claim to be, for the signer's own log. */
export interface Objection {
  readonly refusal: SignerRefusal;
  readonly order: Order | undefined;
}

type Weighed = Objection | { readonly refusal: undefined; readonly order: Order; readonly digest: string };

/** How many orders are remembered as signed; one that is sent again to an agent that was away does not count again. */
const mostRemembered = 200_000;
/** What only the owner changes, or time does not heal: somebody may have changed the signer's settings by then. */
const whenChanged: Milliseconds = minute;
/** A queue that waits for the limit asks no more often than this. */
const leastPause: Milliseconds = second;

const statementSchemas = { trust: trustSchema, ledger: ledgerStatementSchema } as const;

/** Holds what is to be signed against the owner's policy, by reading all of it. What it does not understand it refuses. */
export class Judge {
  readonly #policy: SignerPolicy;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #orders: TokenBucket;
  readonly #destructive: TokenBucket;
  readonly #signed = new Set<string>();

  constructor(policy: SignerPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
    this.#orders = bucketOf(policy.ordersPerMinute, clock.monotonic());
    this.#destructive = bucketOf(policy.destructivePerMinute, clock.monotonic());
  }

  /** What is wrong with an order; nothing is counted. */
  objection(bytes: Uint8Array): Objection | undefined {
    return objectionIn(this.#weigh(bytes));
  }

  /** As `objection`; an order without one counts from now on, once. */
  admit(bytes: Uint8Array): Objection | undefined {
    const weighed = this.#weigh(bytes);
    if (weighed.refusal === undefined && !this.#signed.has(weighed.digest)) {
      const now = this.#clock.monotonic();
      this.#orders.take(1, now);
      if (isDestructive(weighed.order.parameters.verb)) {
        this.#destructive.take(1, now);
      }
      this.#remember(weighed.digest);
    }
    return objectionIn(weighed);
  }

  /** Reads and hashes once: a signer weighs tens of thousands of orders in a minute. */
  #weigh(bytes: Uint8Array): Weighed {
    const order = readOrder(bytes);
    if (order instanceof SignerRefusal) {
      return { refusal: order, order: undefined };
    }
    const digest = digestOf(bytes);
    const refusal = this.#byPolicy(order) ?? (this.#signed.has(digest) ? undefined : this.#byRate(order));
    return refusal === undefined ? { refusal, order, digest } : { refusal, order };
  }

  statementObjection(kind: StatementKind, bytes: Uint8Array): SignerRefusal | undefined {
    if (!this.#policy.statements.includes(kind)) {
      return new SignerRefusal('statement', `Its owner does not let it sign a statement of ${kind}.`, whenChanged);
    }
    try {
      decodeCanonical(bytes, statementSchemas[kind]);
      return undefined;
    } catch (thrown) {
      return formRefusal(thrown);
    }
  }

  #byPolicy({ parameters: { verb }, issuedAt, notBefore, deadline }: Order): SignerRefusal | undefined {
    const { verbs, longestLifetime, clockTolerance } = this.#policy;
    const now = this.#clock.now();
    if (!verbs.includes(verb)) {
      return new SignerRefusal('verb', `Its owner does not let it sign ${verb}.`, whenChanged);
    }
    if (deadline - Math.min(notBefore, issuedAt) > longestLifetime || deadline < notBefore) {
      const days = longestLifetime / day;
      return new SignerRefusal('lifetime', `An order lives for at most ${days} days.`, whenChanged);
    }
    if (deadline < now - clockTolerance) {
      return new SignerRefusal('expired', 'Its deadline has passed by the signer’s clock.', whenChanged);
    }
    if (Math.max(notBefore, issuedAt) > now + clockTolerance) {
      const retryAfter = Math.max(leastPause, Math.min(whenChanged, notBefore - now - clockTolerance));
      return new SignerRefusal('start', 'Its beginning is far ahead of the signer’s clock.', retryAfter);
    }
    return undefined;
  }

  #byRate({ parameters: { verb } }: Order): SignerRefusal | undefined {
    const { ordersPerMinute, destructivePerMinute } = this.#policy;
    const now = this.#clock.monotonic();
    const wait = Math.ceil(this.#orders.wait(1, now));
    if (wait > 0) {
      const words = `It signs ${ordersPerMinute} orders in a minute.`;
      return new SignerRefusal('rate', words, Math.max(leastPause, wait));
    }
    const destructiveWait = isDestructive(verb) ? Math.ceil(this.#destructive.wait(1, now)) : 0;
    if (destructiveWait > 0) {
      const words = `It signs ${destructivePerMinute} destructive orders in a minute.`;
      return new SignerRefusal('destructive_rate', words, Math.max(leastPause, destructiveWait));
    }
    return undefined;
  }

  #remember(digest: string): void {
    this.#signed.add(digest);
    const [oldest] = this.#signed;
    if (this.#signed.size > mostRemembered && oldest !== undefined) {
      this.#signed.delete(oldest);
    }
  }
}

function objectionIn(weighed: Weighed): Objection | undefined {
  return weighed.refusal === undefined ? undefined : weighed;
}

function readOrder(bytes: Uint8Array): Order | SignerRefusal {
  try {
    return decodeCanonical(bytes, orderSchema);
  } catch (thrown) {
    return formRefusal(thrown);
  }
}

function formRefusal(thrown: unknown): SignerRefusal {
  if (thrown instanceof Fault && (thrown.code === 'invalid_request' || thrown.code === 'too_large')) {
    return new SignerRefusal('form', thrown.message.slice(0, 500), whenChanged);
  }
  throw thrown;
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** A minute's worth at once, and so many in each minute after it. */
function bucketOf(perMinute: number, now: Milliseconds): TokenBucket {
  return new TokenBucket({ burst: perMinute, perMinute }, now);
}
