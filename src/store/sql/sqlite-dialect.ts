import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { SqlDialect } from './dialect.ts';
import { Hole } from './hole.ts';
import { storableValue } from './storable-value.ts';

/** Begins anew with each query, and is done with it at once: one is enough, and each has a table of a hundred functions. */
const compiler = new SqliteQueryCompiler();

export const sqliteDialect: SqlDialect = {
  kysely: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => compiler,
  },
  types: { text: 'text', integer: 'integer', bytes: 'blob', tableOptions: ' strict', longTextIndex: '' },
  among: (column, values) => {
    const list = values instanceof Hole ? values.as((given) => JSON.stringify(given)) : writeList(values);
    return sql`${sql.ref(column)} in (select value from json_each(${list}))`;
  },
  hasAny: (column, values) =>
    sql`exists (select 1 from json_each(${sql.ref(column)}) as element
      where element.value in (select value from json_each(${writeList(values)})))`,
  listed: (json) => sql`json_each(${json}) as given`,
  likeAny: (column, patterns) =>
    sql`exists (select 1 from json_each(${writeList(patterns)}) as pattern
      where ${sql.ref(column)} like pattern.value escape '\\')`,
  narrowing: {
    realTable: (name) => `main.${name}`,
    // An unnumbered placeholder takes the number after the highest so far.
    placeholder: (index) => `?${index + 1}`,
    parameters: (own, others) => [...own, ...others],
    sharesElement: (one, other) =>
      `exists (select 1 from json_each(${one}) as element where element.value in (select value from json_each(${other})))`,
  },
};

function writeList(values: readonly string[] | readonly number[]): string {
  return JSON.stringify(storableValue(values));
}
