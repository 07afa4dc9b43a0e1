import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { StatementResult } from './backend.ts';

/** Kysely's driver for one transaction that is open already: it only passes statements on. */
export class SessionDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(execute: (query: CompiledQuery) => Promise<StatementResult>) {
    this.#connection = {
      async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
        const result = await execute(query);
        // Kysely's contract: the driver vouches that rows have the shape that the query's types say.
        return { rows: result.rows as Row[], numAffectedRows: BigInt(result.changes) };
      },
      streamQuery: () => refuse('streaming'),
    };
  }

  async init(): Promise<void> {
    return undefined;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    refuse('beginning a transaction');
  }

  async commitTransaction(): Promise<void> {
    refuse('committing');
  }

  async rollbackTransaction(): Promise<void> {
    refuse('rolling back');
  }

  async releaseConnection(): Promise<void> {
    return undefined;
  }

  async destroy(): Promise<void> {
    return undefined;
  }
}

function refuse(what: string): never {
  throw new Fault('internal', `A query may not do this inside a transaction of the store: ${what}.`);
}
