import { sql } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { DumpedRow } from '#core/ports/store/store.ts';
import { currentVersion } from './migrations/migrate.ts';
import type { Session } from './session.ts';
import { type DumpedTable, dumpedTables } from './tables.ts';

/** Rows per statement: what a dump holds in memory. */
const pageRows = 1_000;

type DumpedValue = DumpedRow['row'][string];
type Row = Readonly<Record<string, unknown>>;

/** The version first, so that a load knows what it is given; then every row, by table and key. */
export async function* dumpTables(session: Session): AsyncIterable<DumpedRow> {
  yield { table: 'schema_version', row: { version: currentVersion } };
  for (const table of dumpedTables) {
    yield* dumpTable(session, table);
  }
}

async function* dumpTable(session: Session, table: DumpedTable): AsyncIterable<DumpedRow> {
  let rows = await nextRows(session, table, undefined);
  while (rows.length > 0) {
    for (const row of rows) {
      yield { table: table.name, row: toDumped(row) };
    }
    rows = rows.length < pageRows ? [] : await nextRows(session, table, rows.at(-1));
  }
}

/** Pages by key, never by offset: every page costs the same, however large the table. */
async function nextRows(session: Session, { name, key }: DumpedTable, last: Row | undefined): Promise<readonly Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  const beyond =
    last === undefined ? sql`` : sql`where (${columns}) > (${sql.join(key.map((column) => last[column]))})`;
  const query = sql<Row>`select * from ${sql.table(name)} ${beyond} order by ${columns} limit ${pageRows}`;
  return (await query.execute(session.db)).rows;
}

function toDumped(row: Row): DumpedRow['row'] {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, toDumpedValue(value)]));
}

function toDumpedValue(value: unknown): DumpedValue {
  if (value instanceof Uint8Array) {
    return { base64: Buffer.from(value).toString('base64') };
  }
  if (value === null || typeof value === 'string' || typeof value === 'number') {
    return value;
  }
  throw new Fault('internal', 'A column of the store holds a value that a dump cannot hold.');
}
