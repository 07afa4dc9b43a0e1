import type { CompiledQuery } from 'kysely';
import type { Statement, StatementResult } from '../backend.ts';
import type { Session } from '../session.ts';
import { Hole } from './hole.ts';
import { storableValue } from './storable-value.ts';

/** A query whose text never changes: built and compiled once for each database, and run with other values each time. */
export interface KeptQuery<Given extends object, Row> {
  /** The rows that it answers with. */
  all(session: Session, given: Given): Promise<readonly Row[]>;
  first(session: Session, given: Given): Promise<Row | undefined>;
  /** To be run with others in one go. */
  statement(session: Session, given: Given): Statement;
  /** What such a go answered. */
  rowsOf(result: StatementResult | undefined): readonly Row[];
}

interface Compiled {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * To build a query and to write its text takes longer than SQLite needs to answer it: what is asked with every connection, report and
 * event is kept.
 * @param build is given holes in the place of the values, so it must not look at them.
 */
export function keptQuery<Given extends object, Row>(
  build: (session: Session, given: Given) => { compile(): CompiledQuery<Row> },
): KeptQuery<Given, Row> {
  const compiled = new Map<object, Compiled>();
  const compile = (session: Session): Compiled => {
    const { sql, parameters } = build(session, holes<Given>()).compile();
    compiled.set(session.dialect, { sql, parameters });
    return { sql, parameters };
  };
  const statement = (session: Session, given: Given): Statement => {
    const { sql, parameters } = compiled.get(session.dialect) ?? compile(session);
    const values = parameters.map((each) => storableValue(each instanceof Hole ? each.fill(given) : each));
    return { sql, parameters: values };
  };
  // As Kysely's own drivers vouch: rows have the shape that the query's types say.
  const rowsOf = (result: StatementResult | undefined) => (result?.rows ?? []) as readonly Row[];
  const all = async (session: Session, given: Given) => {
    const [result] = await session.run([statement(session, given)]);
    return rowsOf(result);
  };
  return { all, first: async (session, given) => (await all(session, given))[0], statement, rowsOf };
}

/** A hole for each name: to Kysely a value like any other, which it hands on as a parameter. */
function holes<Given extends object>(): Given {
  const known = new Map<PropertyKey, Hole>();
  const get = (_: object, name: string | symbol) => {
    const hole = known.get(name) ?? new Hole(String(name), storableValue);
    known.set(name, hole);
    return hole;
  };
  return new Proxy({}, { get }) as Given;
}
