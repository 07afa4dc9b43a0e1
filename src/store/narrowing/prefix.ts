import type { Limit } from '#core/ports/store/store.ts';
import type { Statement } from '../backend.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import type { SqlValue } from '../sql/sql-value.ts';
import { views } from './views.ts';

/**
 * Puts common table expressions before a statement that take the names of the tables, so that whatever it selects, raw text and joins
 * included, comes from what is seen of them.
 * @throws TypeError for a statement that does more than select: writes are held to the limit by themselves.
 */
export function narrowed({ narrowing }: SqlDialect, limit: Limit, { sql, parameters }: Statement): Statement {
  const [, first = ''] = /^\s*\(*\s*([a-z]+)/i.exec(sql) ?? [];
  if (first.toLowerCase() !== 'select') {
    throw new TypeError(`A narrowed statement may only select, but this one begins with "${first}".`);
  }
  const own: readonly SqlValue[] = [canonicalJson(limit.tags), limit.by.kind, limit.by.id];
  const placeOf = (index: number) => narrowing.placeholder(index, parameters.length);
  return { sql: `${definitions(narrowing, placeOf)} ${sql}`, parameters: narrowing.parameters(own, parameters) };
}

type Narrowing = SqlDialect['narrowing'];

/** All wholes stand first: PostgreSQL takes a name for what stands before it, and else for the table. */
function definitions(narrowing: Narrowing, placeOf: (index: number) => string): string {
  const narrowedTables = Object.entries(views).flatMap(([table, view]) => ('where' in view ? [{ table, view }] : []));
  const tables = ['endpoints', ...narrowedTables.map(({ table }) => table)];
  const wholes = tables.map((table) => define(`every_${table}`, `select * from ${narrowing.realTable(table)}`));
  const limits = define('limits', `select cast(${placeOf(1)} as text) as kind, cast(${placeOf(2)} as text) as id`);
  const endpoints = define(
    'endpoints',
    `select * from every_endpoints where ${narrowing.sharesElement('every_endpoints.tags_json', placeOf(0))}`,
  );
  const byTable = new Map(
    narrowedTables.map(({ table, view }) => {
      const columns = view.columns === undefined ? '*' : columnList(view.columns);
      return [table, define(table, `select ${columns} from every_${table} where ${view.where}`)] as const;
    }),
  );
  const ordered = [...first.flatMap((table) => byTable.get(table) ?? []), ...rest(byTable)];
  return `with ${[...wholes, limits, endpoints, ...ordered].join(', ')}`;
}

/** Views that others build on. */
const first: readonly string[] = ['tasks', 'actions', 'incident_endpoints', 'incidents', 'remediation_rows'];

function rest(byTable: ReadonlyMap<string, string>): readonly string[] {
  return [...byTable].filter(([table]) => !first.includes(table)).map(([, text]) => text);
}

function define(name: string, text: string): string {
  return `${name} as not materialized (${text})`;
}

function columnList(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([name, text]) => `${text} as ${name}`)
    .join(', ');
}
