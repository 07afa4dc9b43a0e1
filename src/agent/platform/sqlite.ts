import { Database, type SQLQueryBindings } from 'bun:sqlite';

export type Value = SQLQueryBindings & (string | number | Uint8Array | null);
export type Row = Readonly<Record<string, unknown>>;

/** The little of SQLite that the inventory needs, so that another driver can take its place. */
export interface SmallDatabase {
  run(sql: string, ...values: Value[]): void;
  all(sql: string, ...values: Value[]): readonly Row[];
  /** All of it or nothing. */
  transaction(work: () => void): void;
  close(): void;
}

/** Opens or creates the file, shared by several processes. */
export function openDatabase(file: string): SmallDatabase {
  const database = new Database(file, { create: true, strict: true });
  database.run('PRAGMA busy_timeout = 10000');
  database.run('PRAGMA journal_mode = WAL');
  database.run('PRAGMA synchronous = NORMAL');
  return {
    run: (sql, ...values) => void database.query(sql).run(...values),
    all: (sql, ...values) => database.query<Row, Value[]>(sql).all(...values),
    transaction: (work) => database.transaction(work).immediate(),
    close: () => database.close(),
  };
}
