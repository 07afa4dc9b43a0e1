import type { Dialect, Expression, RawBuilder, SqlBool } from 'kysely';
import type { ColumnReference } from '../schema.ts';
import type { SqlValue } from './sql-value.ts';

/**
 * Where the two databases' SQL differs. Lists travel as one parameter, so that a statement's text does not depend on
 * their length: no parameter limit, and one prepared statement for all.
 */
export interface SqlDialect {
  readonly kysely: Pick<Dialect, 'createAdapter' | 'createIntrospector' | 'createQueryCompiler'>;
  readonly types: ColumnTypes;
  /** The column is one of the values; never true for an empty list. In a kept query, values of text. */
  among(column: ColumnReference, values: readonly string[] | readonly number[]): Expression<SqlBool>;
  /** The column holds a JSON list of text, and one of its elements is one of the values. */
  hasAny(column: ColumnReference, values: readonly string[]): Expression<SqlBool>;
  /** The elements of a JSON list as rows with one column, `given.value`. */
  listed(json: string): RawBuilder<unknown>;
  /** The column matches one of the patterns, in which `\` escapes. */
  likeAny(column: ColumnReference, patterns: readonly string[]): Expression<SqlBool>;
  readonly narrowing: NarrowingSql;
}

/** What stands before a statement that is finished already, as text with parameters of its own. */
export interface NarrowingSql {
  /** The table itself, within a common table expression of its name. */
  realTable(name: string): string;
  /** Of one of its own parameters, the first is 0, before a statement with so many others. */
  placeholder(index: number, others: number): string;
  /** All of them, in the order in which the database counts. */
  parameters(own: readonly SqlValue[], others: readonly SqlValue[]): readonly SqlValue[];
  /** Whether two JSON lists of text have an element in common. */
  sharesElement(one: string, other: string): string;
}

export interface ColumnTypes {
  /** Compares and sorts by its UTF-8 bytes. */
  readonly text: string;
  /** 64 bits. */
  readonly integer: string;
  readonly bytes: string;
  /** What follows a table's closing parenthesis. */
  readonly tableOptions: string;
  /** How to index text of any length for equality: a PostgreSQL B-tree refuses values beyond 2,704 bytes. */
  readonly longTextIndex: string;
}
