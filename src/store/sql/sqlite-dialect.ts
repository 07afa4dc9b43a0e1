import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { SqlDialect } from './dialect.ts';
import { storableValue } from './storable-value.ts';

export const sqliteDialect: SqlDialect = {
  kysely: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  types: { text: 'text', integer: 'integer', bytes: 'blob', tableOptions: ' strict', longTextIndex: '' },
  among: (column, values) =>
    sql`${sql.ref(column)} in (select value from json_each(${JSON.stringify(storableValue(values))}))`,
  hasAny: (column, values) =>
    sql`exists (select 1 from json_each(${sql.ref(column)}) as element
      where element.value in (select value from json_each(${JSON.stringify(storableValue(values))})))`,
  listed: (json) => sql`json_each(${json}) as given`,
  likeAny: (column, patterns) =>
    sql`exists (select 1 from json_each(${JSON.stringify(storableValue(patterns))}) as pattern
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
