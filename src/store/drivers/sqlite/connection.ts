import { Database, type Statement as Prepared, SQLiteError } from 'bun:sqlite';
import { second } from '#core/time.ts';
import type { Statement, StatementResult } from '../../backend.ts';
import type { SqlValue } from '../../sql/sql-value.ts';
import { abandonedCode, type Gate, gateStates } from './protocol.ts';

/** Compiled statements kept per connection; the store's own number well below this. */
const keptStatements = 256;
/** KiB of the file that a connection keeps in memory: the writer's indexes are met at random places. */
const writerCache = 32 * 1_024;
const readerCache = 2 * 1_024;
/** A page that was written many times is copied back once, so the log is let grow: to 32 MiB of 4 KiB pages. */
const pagesPerCheckpoint = 8_192;
/** SQLite's largest busy timeout. */
const longestPatience = 2 ** 31 - 1;

interface Compiled {
  readonly prepared: Prepared;
  readonly hasRows: boolean;
}

/** One SQLite connection, inside the thread. */
export class SqliteConnection {
  readonly #database: Database;
  readonly #prepared = new Map<string, Compiled>();
  #patience: number | undefined;
  #gate: Gate | undefined;

  constructor(path: string, writes: boolean) {
    this.#database = new Database(path, { create: writes, readwrite: true });
    this.#database.run('pragma busy_timeout = 5000');
    if (writes) {
      this.#database.run('pragma journal_mode = wal');
      this.#database.run(`pragma wal_autocheckpoint = ${pagesPerCheckpoint}`);
    }
    this.#database.run('pragma synchronous = full');
    this.#database.run(`pragma cache_size = -${writes ? writerCache : readerCache}`);
    this.#database.run('pragma foreign_keys = on');
    this.#database.run(`pragma query_only = ${writes ? 'off' : 'on'}`);
  }

  begin(write: boolean, patience: number, gate: Gate): void {
    this.#gate = gate;
    this.#demandOpen();
    this.#setPatience(patience);
    this.#prepare(write ? 'begin immediate' : 'begin deferred').prepared.run();
  }

  run(statements: readonly Statement[]): readonly StatementResult[] {
    return statements.map((statement) => {
      this.#demandOpen();
      return this.#runOne(statement);
    });
  }

  commit(): void {
    this.#demandOpen(gateStates.committing);
    this.#prepare('commit').prepared.run();
  }

  rollback(): void {
    if (this.#database.inTransaction) {
      this.#prepare('rollback').prepared.run();
    }
  }

  close(): void {
    for (const { prepared } of this.#prepared.values()) {
      prepared.finalize();
    }
    this.#database.close(false);
  }

  /** Passes while nobody has abandoned the transaction; with `next`, also shuts the gate behind it. */
  #demandOpen(next: number = gateStates.open): void {
    const gate = this.#gate;
    if (gate === undefined || Atomics.compareExchange(gate, 0, gateStates.open, next) !== gateStates.open) {
      throw Object.assign(new Error('The transaction was abandoned.'), { code: abandonedCode });
    }
  }

  /** In whole seconds, so that it is mostly what it was before; whoever met a lock for so long tries again while time is left. */
  #setPatience(patience: number): void {
    const whole = patience < second ? Math.ceil(patience) : Math.floor(patience / second) * second;
    const wanted = Math.min(whole, longestPatience);
    if (wanted !== this.#patience) {
      this.#database.run(`pragma busy_timeout = ${wanted}`);
      this.#patience = wanted;
    }
  }

  #runOne(statement: Statement): StatementResult {
    const { prepared, hasRows } = this.#prepare(statement.sql);
    const parameters = statement.parameters.map(bindable);
    if (hasRows) {
      return { rows: prepared.all(...[parameters]) as StatementResult['rows'], changes: 0 };
    }
    return { rows: [], changes: prepared.run(...[parameters]).changes };
  }

  #prepare(text: string): Compiled {
    const known = this.#prepared.get(text);
    // Taken out and put back at the end: the first of the map is always the least recently used.
    this.#prepared.delete(text);
    const compiled = known ?? compiledOf(this.#database.prepare(text));
    this.#prepared.set(text, compiled);
    if (this.#prepared.size > keptStatements) {
      this.#forgetOldest();
    }
    return compiled;
  }

  #forgetOldest(): void {
    for (const [text, { prepared }] of this.#prepared) {
      this.#prepared.delete(text);
      prepared.finalize();
      return;
    }
  }
}

function compiledOf(prepared: Prepared): Compiled {
  return { prepared, hasRows: prepared.columnNames.length > 0 };
}

function bindable(value: SqlValue): string | number | null | Uint8Array {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    throw new TypeError('SQLite takes no list as a parameter.');
  }
  return value;
}

/** What crosses to the other thread, where an Error object's own fields would be lost. */
export function errorFacts(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof SQLiteError) {
    return { code: error.code ?? `SQLITE_${error.errno}`, message: error.message };
  }
  if (error instanceof Error) {
    const code: unknown = 'code' in error ? error.code : undefined;
    return { code: typeof code === 'string' ? code : error.name, message: error.message };
  }
  return { code: 'UNKNOWN', message: String(error) };
}
