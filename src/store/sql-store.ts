import type { Clock } from '#core/ports/clock.ts';
import type { DumpedRow, Limit, Reader, Records, Store, StoreOptions, Transaction } from '#core/ports/store/store.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Backend } from './backend.ts';
import { type Deadline, noDeadline, startDeadline } from './deadline.ts';
import { dumpTables } from './dump.ts';
import { loadTables } from './load.ts';
import { narrowedReaderOf, narrowedTransactionOf } from './narrowing/narrowed-records.ts';
import { readerOf, transactionOf } from './records/all.ts';
import { runInTransaction } from './run-in-transaction.ts';
import { Session } from './session.ts';

export interface SqlStoreSettings {
  readonly clock: Clock;
  /** What a call gets that names no deadline of its own (`CUSTODY_STORE_DEADLINE_MS`). */
  readonly deadline: Milliseconds;
}

const fleetWidePatience = 6;

/** The store port over any SQL backend. */
export class SqlStore implements Store {
  readonly reach: Store['reach'];
  readonly #backend: Backend;
  readonly #settings: SqlStoreSettings;
  readonly #listeners = new Set<() => void>();

  constructor(backend: Backend, settings: SqlStoreSettings) {
    this.reach = backend.reach;
    this.#backend = backend;
    this.#settings = settings;
  }

  read<Result>(work: (reader: Reader) => Promise<Result>, options: StoreOptions = {}): Promise<Result> {
    return this.#read((session) => work(readerOf(session)), options);
  }

  transact<Result>(work: (transaction: Transaction) => Promise<Result>, options: StoreOptions = {}): Promise<Result> {
    return this.#write((session) => work(transactionOf(session)), options);
  }

  narrowedTo(limit: Limit): Records {
    return {
      reach: this.reach,
      demandWritable: () => this.demandWritable(),
      read: (work, options = {}) => this.#read((session) => work(narrowedReaderOf(session, limit)), options),
      transact: (work, options = {}) => this.#write((session) => work(narrowedTransactionOf(session, limit)), options),
    };
  }

  onEvents(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A row that is gone when the transaction ends leaves its trace on the disk all the same. */
  demandWritable(): Promise<void> {
    const probe = { principalKind: 'local', principalId: 'readiness', keyHash: '', expiresAt: 0 } as const;
    return this.transact(async ({ idempotency }) => {
      await idempotency.insert({ ...probe, sealed: new Uint8Array() });
      await idempotency.deleteExpired(probe.expiresAt);
    });
  }

  async *dump(): AsyncIterable<DumpedRow> {
    const transaction = await this.#backend.begin('read', noDeadline);
    const session = new Session(this.#backend, transaction);
    try {
      yield* dumpTables(session);
    } finally {
      session.end();
      await transaction.rollback();
    }
  }

  load(rows: AsyncIterable<DumpedRow>): Promise<void> {
    return runInTransaction(this.#backend, { mode: 'write', deadline: noDeadline }, (session) =>
      loadTables(session, rows),
    );
  }

  close(): Promise<void> {
    return this.#backend.close();
  }

  #read<Result>(work: (session: Session) => Promise<Result>, options: StoreOptions): Promise<Result> {
    const mode = options.search === true ? 'search' : 'read';
    return this.#timed(options, (deadline) => runInTransaction(this.#backend, { mode, deadline }, work));
  }

  async #write<Result>(work: (session: Session) => Promise<Result>, options: StoreOptions): Promise<Result> {
    // Of the last attempt: the others were rolled back.
    let written: Session | undefined;
    const result = await this.#timed(options, (deadline) =>
      runInTransaction(this.#backend, { mode: 'write', deadline }, (session) => {
        written = session;
        return work(session);
      }),
    );
    if (written?.hasAppended === true) {
      for (const listener of this.#listeners) {
        listener();
      }
    }
    return result;
  }

  async #timed<Result>(options: StoreOptions, call: (deadline: Deadline) => Promise<Result>): Promise<Result> {
    const usual = this.#settings.deadline * (options.fleetWide === true ? fleetWidePatience : 1);
    const deadline = startDeadline(this.#settings.clock, options.deadline ?? usual);
    try {
      return await call(deadline);
    } finally {
      deadline.withdraw();
    }
  }
}
