import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import type { SqlDialect } from './dialect.ts';
import { Hole } from './hole.ts';

/** Begins anew with each query, and is done with it at once: one is enough, and each has a table of a hundred functions. */
const compiler = new PostgresQueryCompiler();

export const postgresDialect: SqlDialect = {
  kysely: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => compiler,
  },
  types: {
    text: 'text collate "C"',
    integer: 'bigint',
    bytes: 'bytea',
    tableOptions: '',
    longTextIndex: ' using hash',
  },
  among: (column, values) => {
    if (values instanceof Hole) {
      return sql`${sql.ref(column)} = any(${values}::text[])`;
    }
    const [sample] = values;
    if (sample === undefined) {
      return sql`false`;
    }
    const type = sql.raw(typeof sample === 'number' ? 'bigint[]' : 'text[]');
    return sql`${sql.ref(column)} = any(${values}::${type})`;
  },
  hasAny: (column, values) =>
    sql`exists (select 1 from json_array_elements_text(${sql.ref(column)}::json) as element(value)
      where element.value = any(${values}::text[]))`,
  listed: (json) => sql`jsonb_array_elements(cast(${json} as jsonb)) as given(value)`,
  likeAny: (column, patterns) => sql`${sql.ref(column)} like any(${patterns}::text[])`,
  narrowing: {
    realTable: (name) => name,
    placeholder: (index, others) => `$${others + index + 1}`,
    parameters: (own, others) => [...others, ...own],
    sharesElement: (one, other) =>
      `exists (select 1 from json_array_elements_text(cast(${one} as json)) as element(value)
        where element.value in (select json_array_elements_text(cast(${other} as json))))`,
  },
};
