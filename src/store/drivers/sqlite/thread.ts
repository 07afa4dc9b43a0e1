import { Worker } from 'node:worker_threads';
import { Fault } from '#core/fault.ts';
import type { StatementResult } from '../../backend.ts';
import type { NumberedRequest, ThreadAnswer, ThreadRequest } from './protocol.ts';
import { SqliteFailure } from './sqlite-failure.ts';
import { workerUrl } from './worker-url.ts';

type Waiter = PromiseWithResolvers<readonly StatementResult[]>;

/** Where the statements of a pool's connections are run: one after the other, in the order in which they were asked. */
export interface StoreThread {
  /** False once the thread has ended, for whatever reason. */
  readonly alive: boolean;
  /** @throws SqliteFailure what SQLite answered; Fault `unavailable` when the thread has ended. */
  request(request: ThreadRequest): Promise<readonly StatementResult[]>;
  /** Ends the thread at once; what it was asked fails, and what it has not committed is rolled back. */
  terminate(): Promise<void>;
}

export type OpenThread = (path: string) => StoreThread;

/** A thread of the runtime, as its caller sees it. */
export class SqliteThread implements StoreThread {
  readonly #worker: Worker;
  readonly #waiters = new Map<number, Waiter>();
  #lastId = 0;
  #end: Fault | undefined;

  constructor(path: string) {
    this.#worker = new Worker(workerUrl, { workerData: { path } });
    this.#worker.on('message', (answer: ThreadAnswer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#fail(cause));
    this.#worker.on('exit', () => this.#fail(undefined));
  }

  get alive(): boolean {
    return this.#end === undefined;
  }

  request(request: ThreadRequest): Promise<readonly StatementResult[]> {
    if (this.#end !== undefined) {
      return Promise.reject(this.#end);
    }
    this.#lastId += 1;
    const waiter: Waiter = Promise.withResolvers();
    this.#waiters.set(this.#lastId, waiter);
    this.#worker.postMessage({ id: this.#lastId, request } satisfies NumberedRequest);
    return waiter.promise;
  }

  async terminate(): Promise<void> {
    this.#fail(undefined);
    await this.#worker.terminate();
  }

  #settle(answer: ThreadAnswer): void {
    const waiter = this.#waiters.get(answer.id);
    this.#waiters.delete(answer.id);
    if ('error' in answer) {
      waiter?.reject(new SqliteFailure(answer.error.code, answer.error.message));
    } else {
      waiter?.resolve(answer.results);
    }
  }

  #fail(cause: unknown): void {
    this.#end ??= new Fault('unavailable', 'The thread that runs the store has ended. Try again.', { cause });
    for (const waiter of this.#waiters.values()) {
      waiter.reject(this.#end);
    }
    this.#waiters.clear();
  }
}
