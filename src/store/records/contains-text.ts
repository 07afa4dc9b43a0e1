import { type Expression, type SqlBool, sql } from 'kysely';
import { containsPattern } from '../sql/like-pattern.ts';

/** Part of a text, in any case. SQLite lowers A to Z alone: other letters are found as they were written, too. @param where `table.column`, or what makes the text of some */
export function containsText(where: string | Expression<unknown>, part: string): Expression<SqlBool> {
  const text = typeof where === 'string' ? sql.ref(where) : where;
  const lowered = containsPattern(part.toLowerCase());
  return sql<SqlBool>`(lower(${text}) like ${lowered} escape '\\' or ${text} like ${containsPattern(part)} escape '\\')`;
}
