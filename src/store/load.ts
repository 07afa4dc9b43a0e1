import { sql } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { DumpedRow } from '#core/ports/store/store.ts';
import { currentVersion } from './migrations/migrate.ts';
import type { Session } from './session.ts';
import { bulkTemplate, runBulk } from './sql/bulk.ts';
import type { SqlValue } from './sql/sql-value.ts';
import { dumpedTables } from './tables.ts';

/** Rows of one table that go to the database together. */
const batchRows = 1_000;

type Row = Readonly<Record<string, SqlValue>>;

/**
 * Fills an empty store from a dump of this program's version; either database takes the other's.
 * @throws Fault `conflict` when the store is not empty or the dump has another version, Fault `invalid_request` when
 * the rows are no dump of ours.
 */
export async function loadTables(session: Session, rows: AsyncIterable<DumpedRow>): Promise<void> {
  await demandEmpty(session);
  const loader = new TableLoader(session);
  let versioned = false;
  for await (const dumped of rows) {
    if (versioned) {
      await loader.add(dumped);
    } else {
      demandVersion(dumped);
      versioned = true;
    }
  }
  await loader.flush();
}

async function demandEmpty(session: Session): Promise<void> {
  for (const { name } of dumpedTables) {
    const found = await sql`select 1 as found from ${sql.table(name)} limit 1`.execute(session.db);
    if (found.rows.length > 0) {
      throw new Fault(
        'conflict',
        'The store is not empty: a backup is restored into a new data directory or database.',
      );
    }
  }
}

function demandVersion({ table, row }: DumpedRow): void {
  const version = row['version'];
  if (table !== 'schema_version' || typeof version !== 'number') {
    throw new Fault('invalid_request', 'This is no dump of a store: it does not begin with its version.');
  }
  if (version !== currentVersion) {
    throw new Fault(
      'conflict',
      `The dump has version ${version}, but this program reads version ${currentVersion}: restore it with the custody that made it.`,
      { details: { version, currentVersion } },
    );
  }
}

/** Gathers neighbouring rows of one table into batches. */
class TableLoader {
  readonly #session: Session;
  #table: string | undefined;
  #rows: Row[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  async add({ table, row }: DumpedRow): Promise<void> {
    if (table !== this.#table || this.#rows.length >= batchRows) {
      await this.flush();
      this.#table = demandTable(table);
    }
    this.#rows.push(toRow(row));
  }

  async flush(): Promise<void> {
    const rows = this.#rows;
    const [sample] = rows;
    if (this.#table === undefined || sample === undefined) {
      return;
    }
    this.#rows = [];
    await runBulk(this.#session, loadTemplate(this.#table, Object.keys(sample)), rows.map(sameColumns(sample)));
  }
}

/** Names are quoted by the builder, and a table or column that the schema does not have fails the whole load. */
function loadTemplate(table: string, columns: readonly string[]) {
  return bulkTemplate<Row>((_, rows) => {
    const values = rows.map((row) => sql`(${sql.join(Object.values(row))})`);
    const names = sql.join(columns.map((column) => sql.ref(column)));
    const query = sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`;
    return { compile: () => query.compile(_.db) };
  });
}

function demandTable(table: string): string {
  if (!dumpedTables.some(({ name }) => name === table)) {
    throw new Fault('invalid_request', 'The dump has a table that the store does not have.', { details: { table } });
  }
  return table;
}

function toRow(row: DumpedRow['row']): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, toValue(value)]));
}

function toValue(value: DumpedRow['row'][string]): SqlValue {
  if (typeof value === 'boolean') {
    throw new Fault('invalid_request', 'The dump has a value that no column of the store holds.');
  }
  if (typeof value === 'object' && value !== null) {
    return new Uint8Array(Buffer.from(value.base64, 'base64'));
  }
  return value;
}

/** Every row of a statement must name the same columns in the same order. */
function sameColumns(sample: Row): (row: Row) => Row {
  const columns = Object.keys(sample);
  return (row) => {
    if (Object.keys(row).length !== columns.length) {
      throw new Fault('invalid_request', 'The rows of one table of the dump have different columns.');
    }
    return Object.fromEntries(columns.map((column) => [column, demandValue(row, column)]));
  };
}

function demandValue(row: Row, column: string): SqlValue {
  const value = row[column];
  if (value === undefined) {
    throw new Fault('invalid_request', 'The rows of one table of the dump have different columns.');
  }
  return value;
}
