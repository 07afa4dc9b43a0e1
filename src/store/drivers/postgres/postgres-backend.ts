import { Pool } from 'pg';
import { Fault } from '#core/fault.ts';
import type { Backend, BackendTransaction, Failure, TransactionMode } from '../../backend.ts';
import { type Deadline, timeoutFault } from '../../deadline.ts';
import { postgresDialect } from '../../sql/postgres-dialect.ts';
import { exactTypes } from './column-types.ts';
import { explainPostgresFailure } from './postgres-failure.ts';
import { PostgresTransaction } from './postgres-transaction.ts';

const connections = 16;
/** How long a connection may take to come about, in milliseconds; a call's deadline may be shorter. */
const connectPatience = 10_000;
/** Serialises migrations, which run before there is a table to lock; any number that nobody else takes. */
const migrationLock = 8_240_917_355_102;

const reading = { begin: 'begin isolation level repeatable read read only', lock: '' };

/**
 * Writers take one table lock before their snapshot, so that they run one after the other, as on SQLite: the event
 * table's gap-free sequence orders them anyway, and without the lock all but one of those that meet would have to
 * run again. LOCK TABLE takes no snapshot, so what follows sees all that the writer before it committed.
 */
const opening: Record<TransactionMode, { readonly begin: string; readonly lock: string }> = {
  read: reading,
  search: reading,
  write: { begin: 'begin isolation level repeatable read', lock: 'lock table schema_version in exclusive mode' },
  migrate: { begin: 'begin', lock: `select pg_advisory_xact_lock(${migrationLock})` },
};

/** A database that several servers share. */
export class PostgresBackend implements Backend {
  readonly reach = 'cluster';
  readonly dialect = postgresDialect;
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: connectPatience,
      types: exactTypes,
      application_name: 'custody',
      keepAlive: true,
    });
    // An idle connection that breaks leaves the pool by itself; without a listener it would end the process. Whoever
    // asks next gets a new connection, or the fault.
    this.#pool.on('error', () => undefined);
  }

  async begin(mode: TransactionMode, deadline: Deadline): Promise<BackendTransaction> {
    const transaction = new PostgresTransaction(await this.#pool.connect());
    try {
      await transaction.begin(openingText(mode, deadline));
      return transaction;
    } catch (error) {
      transaction.abandon();
      throw error;
    }
  }

  /** A database in another encoding could not keep every text. */
  async demandSuitable(): Promise<void> {
    const { rows } = await this.#pool.query<{ server_encoding: string }>('show server_encoding');
    if (rows[0]?.server_encoding !== 'UTF8') {
      throw new Fault('conflict', 'The database is not in UTF-8: make one with "create database ... encoding UTF8".');
    }
  }

  explain(error: unknown): Failure {
    return explainPostgresFailure(error);
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) {
      await this.#pool.end();
    }
  }
}

/** The server gives up by itself too, so that a caller that is gone holds no lock. */
function openingText(mode: TransactionMode, deadline: Deadline): string {
  if (deadline.passed) {
    throw timeoutFault();
  }
  const remaining = deadline.remaining();
  const milliseconds = Number.isFinite(remaining) ? Math.max(1, Math.ceil(remaining)) : 0;
  const { begin, lock } = opening[mode];
  return `${begin}; set local statement_timeout = ${milliseconds};
    set local idle_in_transaction_session_timeout = ${milliseconds}; ${lock}`;
}
