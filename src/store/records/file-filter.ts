import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { Fault } from '#core/fault.ts';
import type { FileCondition, FileField, FileFilter, FileOperator } from '#core/ports/store/files.ts';
import type { ColumnReference, Schema } from '../schema.ts';
import type { Session } from '../session.ts';
import { containsPattern, wildcardPattern } from '../sql/like-pattern.ts';

type Builder = ExpressionBuilder<Schema, 'files'>;
type Condition = Expression<SqlBool>;

interface FieldColumns {
  readonly exact: ColumnReference;
  /** Lowered at the write; the same column where the field has no capitals. */
  readonly lower: ColumnReference;
}

const columns: Record<FileField, FieldColumns> = {
  name: { exact: 'files.name', lower: 'files.name_lower' },
  displayPath: { exact: 'files.display_path', lower: 'files.display_path_lower' },
  sha256: { exact: 'files.sha256', lower: 'files.sha256' },
  sha1: { exact: 'files.sha1', lower: 'files.sha1' },
  md5: { exact: 'files.md5', lower: 'files.md5' },
  endpointName: { exact: 'endpoints.host_name', lower: 'endpoints.host_name_lower' },
  endpointId: { exact: 'files.endpoint_id', lower: 'files.endpoint_id' },
  guid: { exact: 'files.guid', lower: 'files.guid' },
};

type Comparison = (session: Session, field: FieldColumns, values: readonly string[]) => readonly Condition[];

const comparisons: Record<FileOperator, Comparison> = {
  // The lowered column is the one with an index; the exact one decides.
  equals: ({ dialect }, { exact, lower }, values) => [
    dialect.among(lower, lowered(values)),
    dialect.among(exact, values),
  ],
  equals_ignore_case: ({ dialect }, { lower }, values) => [dialect.among(lower, lowered(values))],
  contains_ignore_case: ({ dialect }, { lower }, values) => [
    dialect.likeAny(lower, lowered(values).map(containsPattern)),
  ],
  matches_wildcard: ({ dialect }, { lower }, values) => [dialect.likeAny(lower, lowered(values).map(wildcardPattern))],
};

/**
 * Each pattern is held against every file, in one statement that nothing can interrupt: a longer list would keep every
 * other reader waiting far beyond any deadline.
 */
const mostPatterns = 100;

/** The conditions that a file must meet, all of them. @throws Fault `limit_exceeded` for too many patterns. */
export function fileConditions(session: Session, filter: FileFilter, builder: Builder): Condition[] {
  demandFewPatterns(filter);
  const states = session.dialect.among('files.state', filter.states);
  const all = (conditions: readonly FileCondition[]) =>
    conditions.flatMap((condition) => conditionOn(session, condition, builder));
  const { conditions, except = [] } = filter;
  return [states, ...all(conditions), ...(except.length === 0 ? [] : [builder.not(builder.and(all(except)))])];
}

function conditionOn(
  session: Session,
  { field, operator, values }: FileCondition,
  builder: Builder,
): readonly Condition[] {
  const parts = comparisons[operator](session, columns[field], values);
  if (field !== 'endpointName') {
    return parts;
  }
  const endpoints = builder
    .selectFrom('endpoints')
    .select('endpoints.id')
    .where(({ and }) => and([...parts]));
  return [builder('files.endpoint_id', 'in', endpoints)];
}

function demandFewPatterns({ conditions }: FileFilter): void {
  const patterns = conditions
    .filter(({ operator }) => operator === 'contains_ignore_case' || operator === 'matches_wildcard')
    .reduce((sum, { values }) => sum + values.length, 0);
  if (patterns > mostPatterns) {
    throw new Fault('limit_exceeded', `A search takes at most ${mostPatterns} patterns; ${patterns} were given.`, {
      details: { limit: mostPatterns, asked: patterns },
    });
  }
}

function lowered(values: readonly string[]): string[] {
  return values.map((value) => value.toLowerCase());
}
