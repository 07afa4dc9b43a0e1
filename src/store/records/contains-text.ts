import { type Expression, type SqlBool, sql } from 'kysely';
import { containsPattern } from '../sql/like-pattern.ts';

/** Part of a text, in any case. SQLite lowers A to Z alone: other letters are found as they were written, too. @param column `table.column` */
export function containsText(column: string, part: string): Expression<SqlBool> {
  const text = sql.ref(column);
  const lowered = containsPattern(part.toLowerCase());
  return sql<SqlBool>`(lower(${text}) like ${lowered} escape '\\' or ${text} like ${containsPattern(part)} escape '\\')`;
}
