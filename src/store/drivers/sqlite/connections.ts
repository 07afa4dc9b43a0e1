import type { StatementResult } from '../../backend.ts';
import { SqliteConnection } from './connection.ts';
import type { ThreadRequest } from './protocol.ts';

/** The connections of one thread, by number, each opened when it is first used. */
export class SqliteConnections {
  readonly #path: string;
  readonly #open = new Map<number, SqliteConnection>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Blocks until SQLite has answered. @throws whatever SQLite throws */
  obey(request: ThreadRequest): readonly StatementResult[] {
    switch (request.kind) {
      case 'begin':
        this.#connection(request.connection, request.write).begin(request.write, request.patience, request.gate);
        return [];
      case 'run':
        return this.#open.get(request.connection)?.run(request.statements) ?? [];
      case 'commit':
        this.#open.get(request.connection)?.commit();
        return [];
      case 'rollback':
        this.#open.get(request.connection)?.rollback();
        return [];
      case 'close':
        this.close();
        return [];
    }
  }

  /** What was not committed is rolled back. */
  close(): void {
    for (const each of this.#open.values()) {
      each.close();
    }
    this.#open.clear();
  }

  #connection(number: number, writes: boolean): SqliteConnection {
    const known = this.#open.get(number);
    if (known !== undefined) {
      return known;
    }
    const opened = new SqliteConnection(this.#path, writes);
    this.#open.set(number, opened);
    return opened;
  }
}
