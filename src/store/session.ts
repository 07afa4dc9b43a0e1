import { type CompiledQuery, Kysely } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { Backend, BackendTransaction, Failure, Statement, StatementResult } from './backend.ts';
import type { Schema } from './schema.ts';
import { SessionDriver } from './session-driver.ts';
import type { SqlDialect } from './sql/dialect.ts';
import { storableValue } from './sql/storable-value.ts';

type Run = (statements: readonly Statement[]) => Promise<readonly StatementResult[]>;

/** One transaction as the records see it: a typed query builder whose statements all run in it. */
export class Session {
  readonly db: Kysely<Schema>;
  readonly dialect: SqlDialect;
  readonly #backend: Backend;
  readonly #transaction: BackendTransaction;
  #failure: Failure | undefined;
  #hasAppended = false;
  #ended = false;

  constructor(backend: Backend, transaction: BackendTransaction) {
    this.#backend = backend;
    this.#transaction = transaction;
    this.dialect = backend.dialect;
    this.db = new Kysely<Schema>({
      dialect: { ...backend.dialect.kysely, createDriver: () => new SessionDriver((query) => this.#one(query)) },
    });
  }

  /**
   * The first failed statement. It dooms the transaction even when the work catches it: PostgreSQL would refuse to go
   * on, so SQLite must not go on either.
   */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Several statements in one go to the database, in order. */
  batch(queries: readonly CompiledQuery[]): Promise<readonly StatementResult[]> {
    return this.run(queries.map(toStatement));
  }

  async run(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    if (this.#ended) {
      throw new Fault('internal', 'A transaction of the store was used after its end.');
    }
    if (this.#failure !== undefined) {
      throw this.#failure.fault;
    }
    try {
      return await this.#transaction.run(statements);
    } catch (error) {
      this.#failure ??= this.#backend.explain(error);
      throw this.#failure.fault;
    }
  }

  /** The same transaction, every statement of which becomes another one first. */
  through(change: (statement: Statement) => Statement): Session {
    const run: Run = (statements) => this.run(statements.map(change));
    return new Session(this.#backend, { ...endless, run });
  }

  /** Whoever follows the record is rung for once the transaction is committed. */
  eventsAppended(): void {
    this.#hasAppended = true;
  }

  /** Whether this transaction adds to the record. Whoever is limited writes through the whole session, too. */
  get hasAppended(): boolean {
    return this.#hasAppended;
  }

  end(): void {
    this.#ended = true;
  }

  async #one(query: CompiledQuery): Promise<StatementResult> {
    const [result] = await this.run([toStatement(query)]);
    return result ?? { rows: [], changes: 0 };
  }
}

/** Whoever began a transaction ends it. */
const endless: Omit<BackendTransaction, 'run'> = {
  commit: () => Promise.reject(new Fault('internal', 'This session does not end its transaction.')),
  abandon: () => false,
  rollback: () => Promise.resolve(),
};

function toStatement(query: CompiledQuery): Statement {
  return { sql: query.sql, parameters: query.parameters.map((parameter) => storableValue(parameter)) };
}
