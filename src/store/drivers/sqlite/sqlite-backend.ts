import type { Backend, BackendTransaction, Failure, TransactionMode } from '../../backend.ts';
import type { Deadline } from '../../deadline.ts';
import { sqliteDialect } from '../../sql/sqlite-dialect.ts';
import { ConnectionPool } from './connection-pool.ts';
import { explainSqliteFailure } from './sqlite-failure.ts';

/** Snapshots that may be open at once; a further reader waits for its turn. */
const readers = 16;

/**
 * One file in WAL mode, for this process alone. The writer and the readers have a thread each, so that neither a
 * foreign lock nor a slow commit stops a read.
 */
export class SqliteBackend implements Backend {
  readonly reach = 'process';
  readonly dialect = sqliteDialect;
  readonly #writing: ConnectionPool;
  readonly #reading: ConnectionPool;

  constructor(path: string) {
    this.#writing = new ConnectionPool({ path, writes: true, size: 1 });
    this.#reading = new ConnectionPool({ path, writes: false, size: readers });
  }

  /** The file is ours from its first byte. */
  async demandSuitable(): Promise<void> {
    return undefined;
  }

  begin(mode: TransactionMode, deadline: Deadline): Promise<BackendTransaction> {
    return (mode === 'read' ? this.#reading : this.#writing).begin(deadline);
  }

  explain(error: unknown): Failure {
    return explainSqliteFailure(error);
  }

  async close(): Promise<void> {
    await this.#reading.close();
    await this.#writing.close();
  }
}
