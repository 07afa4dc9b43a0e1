import { Fault } from '#core/fault.ts';
import type { BackendTransaction } from '../../backend.ts';
import { type Deadline, timeoutFault } from '../../deadline.ts';
import { FairQueue } from '../../fair-queue.ts';
import { type Gate, gateStates } from './protocol.ts';
import { SqliteTransaction } from './sqlite-transaction.ts';
import type { OpenThread, StoreThread } from './thread.ts';

export interface PoolSettings {
  readonly path: string;
  readonly writes: boolean;
  readonly size: number;
  readonly openThread: OpenThread;
}

/** A thread and its numbered connections, each lent to one transaction at a time. */
export class ConnectionPool {
  readonly #settings: PoolSettings;
  readonly #queue: FairQueue;
  readonly #free: number[];
  #thread: StoreThread | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#queue = new FairQueue(settings.size);
    this.#free = Array.from({ length: settings.size }, (_, number) => number);
  }

  async begin(deadline: Deadline): Promise<BackendTransaction> {
    this.#demandOpen();
    const leave = await this.#queue.enter();
    const connection = this.#free.pop() ?? 0;
    const giveBack = () => {
      this.#free.push(connection);
      leave();
    };
    try {
      return await this.#beginOn(connection, deadline, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Waits for running transactions; later ones are refused. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the thread as a crash would: what is under way fails, and the next transaction gets a new thread. */
  async endThread(): Promise<void> {
    await this.#thread?.terminate();
  }

  async #close(): Promise<void> {
    for (let place = 0; place < this.#settings.size; place += 1) {
      await this.#queue.enter();
    }
    if (this.#thread?.alive === true) {
      await this.#thread.request({ kind: 'close' });
    }
    await this.#thread?.terminate();
  }

  async #beginOn(connection: number, deadline: Deadline, giveBack: () => void): Promise<BackendTransaction> {
    if (deadline.passed) {
      throw timeoutFault();
    }
    const thread = this.#demandThread();
    const gate: Gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const patience = deadline.remaining();
    gate[0] = gateStates.open;
    await thread.request({ kind: 'begin', connection, write: this.#settings.writes, patience, gate });
    return new SqliteTransaction({ thread, connection, gate, giveBack });
  }

  /** A thread that crashed is replaced: the file is as its last commit left it. */
  #demandThread(): StoreThread {
    this.#demandOpen();
    if (this.#thread?.alive !== true) {
      this.#thread = this.#settings.openThread(this.#settings.path);
    }
    return this.#thread;
  }
  #demandOpen(): void {
    if (this.#closing !== undefined) {
      throw new Fault('unavailable', 'The store is closed.');
    }
  }
}
