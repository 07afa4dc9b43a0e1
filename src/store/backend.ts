import type { Fault } from '#core/fault.ts';
import type { Deadline } from './deadline.ts';
import type { SqlDialect } from './sql/dialect.ts';
import type { SqlValue } from './sql/sql-value.ts';

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that an insert, update or delete without `returning` touched; 0 for the others. */
  readonly changes: number;
}

/** One open transaction on a connection of its own. */
export interface BackendTransaction {
  /** In order; the first that fails ends the list. */
  run(statements: readonly Statement[]): Promise<readonly StatementResult[]>;
  /** Resolves when what was written is durable. */
  commit(): Promise<void>;
  /**
   * Gives up. From now on nothing of the transaction can become visible, whatever the database answers later.
   * @returns false when `commit` is past the point of no return: its own promise then tells how it ended.
   */
  abandon(): boolean;
  /** Abandons, and resolves when the connection is free again; after the end it does nothing. Never rejects. */
  rollback(): Promise<void>;
}

/**
 * - `read`: one snapshot, no writes.
 * - `search`: as `read`, of statements that may look at every row: where readers take turns, it does not hold up the others.
 * - `write`: writers run one after the other, in the order in which they came.
 * - `migrate`: as `write`, before any table of ours need exist.
 */
export type TransactionMode = 'read' | 'search' | 'write' | 'migrate';

/** What a database's error means. `retry`: the same work may well succeed when it is run again. */
export interface Failure {
  readonly fault: Fault;
  readonly retry: boolean;
}

/** One kind of database: everything in which SQLite and PostgreSQL differ at run time. */
export interface Backend {
  readonly reach: 'process' | 'cluster';
  readonly dialect: SqlDialect;
  /** Checked once, before the first transaction. @throws Fault `conflict` for a database that cannot serve. */
  demandSuitable(): Promise<void>;
  begin(mode: TransactionMode, deadline: Deadline): Promise<BackendTransaction>;
  explain(error: unknown): Failure;
  close(): Promise<void>;
}
