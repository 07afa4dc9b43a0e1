import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import { type AnsweredRequest, answerLifetime, mostAnswers, type RequestKey } from '../idempotency/answered-request.ts';
import type { Ports } from '../ports/ports.ts';
import type { Records, StoreOptions, Transaction } from '../ports/store/store.ts';
import { hour, second } from '../time.ts';

/** One request that must not be carried out twice. */
export interface OnceOnly {
  readonly key: RequestKey;
  /** Of what is asked for: SHA-256 in hex. */
  readonly fingerprint: string;
}

export interface OnceAnswer {
  /** As `work` returned it, now or at the first time. */
  readonly answer: string;
  readonly replayed: boolean;
}

type Work = (ports: Ports) => Promise<string>;

/**
 * Carries out a request, or answers as it was answered before. All that `work` writes and its answer are committed in one
 * transaction, so that no crash can part them; bells are rung after it. What ends in a fault has no answer that is kept: it
 * may be asked again under the same key.
 * @throws Fault `key_reused` where the key stands for another request, `conflict` (`what`: `running_request`) where the
 * request is being carried out now, `rate_limited` where the principal has too many keys, and whatever `work` throws
 */
export async function answerOnce(ports: Ports, request: OnceOnly, work: Work): Promise<OnceAnswer> {
  const { runningRequests: running } = ports;
  demandNotRunning(running.fingerprintOf(request.key), request);
  running.begin(request.key, request.fingerprint);
  try {
    const kept = await ports.store.read(({ idempotency }) => idempotency.byKey(request.key));
    if (kept !== undefined && kept.expiresAt > ports.clock.now()) {
      return replay(ports, request, kept);
    }
    return await carryOut(ports, request, work);
  } finally {
    running.end(request.key);
  }
}

function demandNotRunning(fingerprint: string | undefined, request: OnceOnly): void {
  if (fingerprint === undefined) {
    return;
  }
  demandSame(fingerprint, request);
  throw new Fault('conflict', 'The first request with this Idempotency-Key is still being carried out. Ask again.', {
    details: { what: 'running_request', retryAfterSeconds: 1 },
  });
}

function demandSame(fingerprint: string, request: OnceOnly): void {
  if (fingerprint !== request.fingerprint) {
    throw new Fault('key_reused', 'This Idempotency-Key was sent with another request. Take a new key for a new one.');
  }
}

function replay({ secrets }: Pick<Ports, 'secrets'>, request: OnceOnly, kept: AnsweredRequest): OnceAnswer {
  const text = new TextDecoder().decode(secrets.open(kept.sealed));
  demandSame(text.slice(0, request.fingerprint.length), request);
  return { answer: text.slice(request.fingerprint.length), replayed: true };
}

/** Another server was faster. No fault: what `work` makes of it does not matter. */
class AnsweredMeanwhile extends Error {
  override readonly name = 'AnsweredMeanwhile';
  readonly kept: AnsweredRequest;

  constructor(kept: AnsweredRequest) {
    super('The request was answered meanwhile.');
    this.kept = kept;
  }
}

async function carryOut(ports: Ports, request: OnceOnly, work: Work): Promise<OnceAnswer> {
  const bells: EndpointId[] = [];
  let isStopChanged = false;
  const { reach } = ports.doorbell;
  const ring = (ids: readonly EndpointId[]) => void bells.push(...ids);
  const stopChanged = () => {
    isStopChanged = true;
  };
  const one = new OneTransaction(ports, request, (store) => {
    bells.length = 0;
    isStopChanged = false;
    return work({ ...ports, store, doorbell: { reach, ring, stopChanged } });
  });
  try {
    const ending = await one.run();
    ports.doorbell.ring(bells);
    if (isStopChanged) {
      ports.doorbell.stopChanged();
    }
    if ('fault' in ending) {
      throw ending.fault;
    }
    return { answer: ending.answer, replayed: false };
  } catch (error) {
    if (error instanceof AnsweredMeanwhile) {
      return replay(ports, request, error.kept);
    }
    throw error;
  }
}

type Ending = { readonly answer: string } | { readonly fault: unknown };

/**
 * The store as one request sees it. Its transaction is opened when the work first asks for one, so that slow work before it, the
 * hash of a password for one, keeps no writer waiting; it stays open to the end of the work, and takes in every later one.
 * Should the database want it run again, the whole work is run again inside it.
 */
class OneTransaction {
  readonly #ports: Ports;
  readonly #request: OnceOnly;
  readonly #work: (store: Records) => Promise<string>;
  #ending: Promise<Ending> | undefined;
  #current: Transaction | undefined;
  #opening: Promise<Transaction> | undefined;
  #committing: Promise<Ending> | undefined;
  /** A part of the work failed that would have been a transaction of its own. */
  #spoilt = false;

  constructor(ports: Ports, request: OnceOnly, work: (store: Records) => Promise<string>) {
    this.#ports = ports;
    this.#request = request;
    this.#work = work;
  }

  async run(): Promise<Ending> {
    this.#ending = this.#tryWork();
    const ending = await this.#ending;
    if (this.#committing !== undefined) {
      return this.#committing;
    }
    if ('fault' in ending) {
      return ending;
    }
    return this.#ports.store.transact(async (transaction) => {
      await this.#demandNew(transaction);
      return this.#keep(transaction, ending);
    });
  }

  async #tryWork(): Promise<Ending> {
    try {
      return { answer: await this.#work(this.#face()) };
    } catch (fault) {
      return { fault };
    }
  }

  #face(): Records {
    const { store } = this.#ports;
    return {
      reach: store.reach,
      read: (work, options) => (this.#current === undefined ? store.read(work, options) : work(this.#current)),
      transact: (work, options) => this.#takePart(work, options),
      demandWritable: () => store.demandWritable(),
    };
  }

  async #takePart<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options: StoreOptions | undefined,
  ): Promise<Result> {
    this.#opening ??= this.#open(options);
    await this.#opening;
    try {
      return await work(this.#current ?? (await this.#opening));
    } catch (error) {
      this.#spoilt = true;
      throw error;
    }
  }

  #open(options: StoreOptions | undefined): Promise<Transaction> {
    const opened = Promise.withResolvers<Transaction>();
    this.#committing = this.#ports.store.transact(async (transaction) => {
      await this.#demandNew(transaction);
      this.#current = transaction;
      this.#spoilt = false;
      opened.resolve(transaction);
      const ended = await (this.#ending ?? this.#tryWork());
      this.#ending = undefined;
      return this.#keep(transaction, ended);
    }, options);
    this.#committing.catch(opened.reject);
    return opened.promise;
  }

  async #demandNew({ idempotency }: Transaction): Promise<void> {
    const { key } = this.#request;
    await idempotency.deleteExpired(this.#ports.clockGuard.surely.now());
    const kept = await idempotency.byKey(key);
    if (kept !== undefined) {
      throw new AnsweredMeanwhile(kept);
    }
    if ((await idempotency.count(key)) >= mostAnswers) {
      throw new Fault(
        'rate_limited',
        `More than ${mostAnswers} requests with an Idempotency-Key within 24 hours: wait, or send fewer with one.`,
        { details: { limit: mostAnswers, retryAfterSeconds: hour / second } },
      );
    }
  }

  async #keep({ idempotency }: Transaction, ending: Ending): Promise<Ending> {
    if ('answer' in ending && this.#spoilt) {
      throw new Fault('internal', 'A request was answered although a part of it had failed. Nothing of it was kept.');
    }
    if ('answer' in ending) {
      const { clock, secrets } = this.#ports;
      const { key, fingerprint } = this.#request;
      const sealed = secrets.seal(new TextEncoder().encode(`${fingerprint}${ending.answer}`));
      await idempotency.insert({ ...key, sealed, expiresAt: clock.now() + answerLifetime });
      return ending;
    }
    if (this.#spoilt) {
      throw ending.fault;
    }
    // What was written before the fault, a record of a refusal for one, is kept as it would be without a key.
    return ending;
  }
}
