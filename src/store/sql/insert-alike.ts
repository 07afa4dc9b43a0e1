import { type RawBuilder, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { type BulkTemplate, runBulk } from './bulk.ts';

/** From here on one statement with the shared values in it is shorter than many with all of them. */
const leastAlike = 64;
/** Bounds one statement's text. */
const rowsPerStatement = 20_000;

interface Differing {
  readonly column: string;
  readonly type: 'text' | 'bigint';
}

export interface AlikeTable<Row> {
  readonly table: keyof Schema;
  /** In these alone rows of one fan-out differ. */
  readonly differing: readonly Differing[];
  readonly template: BulkTemplate<Row>;
}

/**
 * Inserts any number of rows. A fan-out to a fleet writes as many rows as there are endpoints, alike but for a few columns: what
 * they share goes to the database once, and the differing values in one list. Other rows go as `runBulk` sends them.
 */
export async function insertAlike<Row extends object>(
  session: Session,
  alike: AlikeTable<Row>,
  rows: readonly Row[],
): Promise<void> {
  const names = new Set(alike.differing.map(({ column }) => column));
  const groups = Map.groupBy(rows, (row) => sharedKey(row, names));
  const few: Row[] = [];
  for (const group of groups.values()) {
    if (group.length < leastAlike) {
      few.push(...group);
      continue;
    }
    for (let start = 0; start < group.length; start += rowsPerStatement) {
      await insertGroup(session, alike, group.slice(start, start + rowsPerStatement));
    }
  }
  await runBulk(session, alike.template, few);
}

/** A separator that no stored text has. */
function sharedKey(row: object, differing: ReadonlySet<string>): string {
  let key = '';
  for (const [column, value] of Object.entries(row)) {
    if (!differing.has(column)) {
      key += `${typeof value} ${String(value)}\0`;
    }
  }
  return key;
}

async function insertGroup<Row extends object>(
  session: Session,
  { table, differing }: AlikeTable<Row>,
  rows: readonly Row[],
): Promise<void> {
  const places = new Map(differing.map(({ column, type }, index) => [column, { type, index }]));
  const [sample = {}] = rows;
  const columns = Object.entries(sample).map(([column, value]: [string, unknown]) => {
    const place = places.get(column);
    return {
      name: sql.ref(column),
      value:
        place === undefined
          ? shared(session, value)
          : sql`cast(given.value ->> ${sql.lit(place.index)} as ${sql.raw(place.type)})`,
    };
  });
  const list = rows.map((row) => differing.map(({ column }) => Reflect.get(row, column)));
  await sql`insert into ${sql.table(table)} (${sql.join(columns.map(({ name }) => name))})
    select ${sql.join(columns.map(({ value }) => value))}
    from ${session.dialect.listed(JSON.stringify(list))}`.execute(session.db);
}

function shared({ dialect }: Session, value: unknown): RawBuilder<unknown> {
  if (value === null) {
    return sql`null`;
  }
  const written = typeof value === 'number' ? 'bigint' : 'text';
  const type = value instanceof Uint8Array ? dialect.types.bytes : written;
  return sql`cast(${value} as ${sql.raw(type)})`;
}
