import type { Backend, BackendTransaction, Failure, TransactionMode } from '../../backend.ts';
import type { Deadline } from '../../deadline.ts';
import { sqliteDialect } from '../../sql/sqlite-dialect.ts';
import { ConnectionPool } from './connection-pool.ts';
import { explainSqliteFailure, type MakeRoom } from './sqlite-failure.ts';
import { type OpenThread, SqliteThread } from './thread.ts';

/** Snapshots that may be open at once; a further reader waits for its turn. */
const readers = 16;
/** Searches take turns by statement; more of them at once would only share one processor. */
const searchers = 4;

export interface SqliteBackendOptions {
  /** Default: threads of the runtime; a simulation runs the same statements where it can decide when. */
  readonly openThread?: OpenThread;
  /** Called when the disk is full. */
  readonly makeRoom?: MakeRoom | undefined;
}

/**
 * One file in WAL mode, for this process alone. The writer, the readers and the searchers have a thread each, so that
 * neither a foreign lock nor a slow commit nor a pattern that is held against every row stops a read. A thread begins with
 * its first transaction.
 */
export class SqliteBackend implements Backend {
  readonly reach = 'process';
  readonly dialect = sqliteDialect;
  readonly #writing: ConnectionPool;
  readonly #reading: ConnectionPool;
  readonly #searching: ConnectionPool;

  readonly #makeRoom: MakeRoom | undefined;

  constructor(path: string, { openThread = (file) => new SqliteThread(file), makeRoom }: SqliteBackendOptions = {}) {
    this.#makeRoom = makeRoom;
    this.#writing = new ConnectionPool({ path, writes: true, size: 1, openThread });
    this.#reading = new ConnectionPool({ path, writes: false, size: readers, openThread });
    this.#searching = new ConnectionPool({ path, writes: false, size: searchers, openThread });
  }

  /** The file is ours from its first byte. */
  async demandSuitable(): Promise<void> {
    return undefined;
  }

  begin(mode: TransactionMode, deadline: Deadline): Promise<BackendTransaction> {
    return this.#poolFor(mode).begin(deadline);
  }

  explain(error: unknown): Failure {
    return explainSqliteFailure(error, this.#makeRoom);
  }

  async close(): Promise<void> {
    await this.#searching.close();
    await this.#reading.close();
    await this.#writing.close();
  }

  #poolFor(mode: TransactionMode): ConnectionPool {
    switch (mode) {
      case 'read':
        return this.#reading;
      case 'search':
        return this.#searching;
      case 'write':
      case 'migrate':
        return this.#writing;
    }
  }
}
