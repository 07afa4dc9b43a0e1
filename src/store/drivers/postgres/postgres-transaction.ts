import { DatabaseError, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { Fault } from '#core/fault.ts';
import type { BackendTransaction, Statement, StatementResult } from '../../backend.ts';

/** How long the server may take to end a transaction, in milliseconds, before it counts as gone. */
const endPatience = 30_000;

/** `abandoned` and `ended` have given the connection back. */
type State = 'open' | 'committing' | 'abandoned' | 'ended';

export class PostgresTransaction implements BackendTransaction {
  readonly #client: PoolClient;
  #state: State = 'open';
  /** The statements so far; the next one waits for them, for a connection speaks one at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #underWay = 0;

  constructor(client: PoolClient) {
    this.#client = client;
    client.on('error', ignoreBrokenConnection);
  }

  /** `text` opens the transaction; it is no caller's. */
  async begin(text: string): Promise<void> {
    await this.#client.query(text);
  }

  async run(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    const turn = this.#queue;
    const done = Promise.withResolvers<void>();
    this.#queue = done.promise;
    this.#underWay += 1;
    try {
      await turn;
      return await this.#runAll(statements);
    } finally {
      this.#underWay -= 1;
      done.resolve();
    }
  }

  async commit(): Promise<void> {
    this.#demandOpen();
    this.#state = 'committing';
    const { command } = await this.#sendCommit();
    this.#giveBack('ended', false);
    if (command !== 'COMMIT') {
      throw new Fault('internal', 'The database rolled back instead of committing.');
    }
  }

  /** Without the connection the server rolls back: it was never told to commit. */
  abandon(): boolean {
    if (this.#state === 'open') {
      this.#giveBack('abandoned', true);
    }
    return this.#state !== 'committing';
  }

  async rollback(): Promise<void> {
    if (this.#state === 'committing' || (this.#state === 'open' && this.#underWay > 0)) {
      // A failed commit, or a statement that nobody waits for any more: the connection is not worth asking. The
      // server rolls back when it notices, by `statement_timeout` at the latest.
      this.#giveBack('abandoned', true);
      return;
    }
    if (this.#state !== 'open') {
      return;
    }
    this.#state = 'ended';
    try {
      await this.#sendEnd('rollback');
      this.#release(false);
    } catch {
      // A connection that cannot even roll back is closed, and the server rolls back for it.
      this.#release(true);
    }
  }

  async #runAll(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    const results: StatementResult[] = [];
    for (const { sql, parameters } of statements) {
      this.#demandOpen();
      results.push(toResult(await this.#client.query(sql, [...parameters])));
    }
    return results;
  }

  async #sendCommit(): Promise<QueryResult> {
    try {
      return await this.#sendEnd('commit');
    } catch (cause) {
      if (cause instanceof DatabaseError) {
        throw cause;
      }
      throw new Fault('unavailable', 'The connection broke during a commit: whether it was kept is unknown.', {
        cause,
      });
    }
  }

  #sendEnd(text: 'commit' | 'rollback'): Promise<QueryResult> {
    const query: QueryConfig & { readonly query_timeout: number } = { text, query_timeout: endPatience };
    return this.#client.query(query);
  }

  #demandOpen(): void {
    if (this.#state !== 'open') {
      throw new Fault('internal', 'A transaction of the store was used after its end.');
    }
  }

  #giveBack(state: State, broken: boolean): void {
    this.#state = state;
    this.#release(broken);
  }

  #release(broken: boolean): void {
    this.#client.off('error', ignoreBrokenConnection);
    this.#client.release(broken);
  }
}

/** The statement under way rejects with the same error; a listener only keeps it from ending the process. */
function ignoreBrokenConnection(): void {
  return undefined;
}

function toResult({ rows, rowCount, command }: QueryResult): StatementResult {
  const writes = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
  return { rows, changes: writes ? (rowCount ?? 0) : 0 };
}
