import type { CompiledQuery } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { Statement, StatementResult } from '../backend.ts';
import type { Session } from '../session.ts';
import { storableValue } from './storable-value.ts';

/** Rows per statement: few sizes, so that few statements are ever compiled. With 24 columns, 6,144 parameters. */
const chunkSizes = [256, 64, 16, 4, 1] as const;

/**
 * A statement over many rows, compiled once per chunk size: its parameters must be the rows' values and nothing else,
 * in the rows' order.
 */
export interface BulkTemplate<Row> {
  readonly build: (session: Session, rows: readonly Row[]) => { compile(): CompiledQuery };
  readonly compiled: Map<object, Map<number, string>>;
}

export function bulkTemplate<Row>(build: BulkTemplate<Row>['build']): BulkTemplate<Row> {
  return { build, compiled: new Map() };
}

/**
 * Runs the statement for any number of rows, in one go to the database. Every row must name the same columns in the
 * same order.
 */
export async function runBulk<Row extends object>(
  session: Session,
  template: BulkTemplate<Row>,
  rows: readonly Row[],
): Promise<readonly StatementResult[]> {
  return rows.length === 0 ? [] : await session.run(bulkStatements(session, template, rows));
}

/** The same, to be run with others in one go. */
export function bulkStatements<Row extends object>(
  session: Session,
  template: BulkTemplate<Row>,
  rows: readonly Row[],
): readonly Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  for (const size of chunkSizes) {
    while (rows.length - start >= size) {
      statements.push(toStatement(session, template, rows.slice(start, start + size)));
      start += size;
    }
  }
  return statements;
}

function toStatement<Row extends object>(
  session: Session,
  template: BulkTemplate<Row>,
  rows: readonly Row[],
): Statement {
  const parameters = rows.flatMap((row) => Object.values(row).map((value: unknown) => storableValue(value)));
  const texts = template.compiled.get(session.dialect) ?? new Map<number, string>();
  template.compiled.set(session.dialect, texts);
  const known = texts.get(rows.length);
  if (known !== undefined) {
    return { sql: known, parameters };
  }
  const query = template.build(session, rows).compile();
  if (query.parameters.length !== parameters.length) {
    throw new Fault('internal', 'A bulk statement holds more than its rows, so its text cannot be kept.');
  }
  texts.set(rows.length, query.sql);
  return { sql: query.sql, parameters };
}
