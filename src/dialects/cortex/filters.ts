import { z } from 'zod';
import { wrongField } from './read-fields.ts';

const operators = ['in', 'eq', 'neq', 'gte', 'lte', 'contains'] as const;

export type Operator = (typeof operators)[number];

/** One of the `filters` of a request; all must hold. */
export interface Condition {
  readonly field: string;
  readonly operator: Operator;
  /** A bare value is a list of one. */
  readonly values: readonly unknown[];
}

const conditionSchema = z.object(
  {
    field: z.string('must be a string').max(100, 'must have at most 100 characters'),
    /** Clients write `IN` as well as `in`. */
    operator: z
      .string('must be a string')
      .toLowerCase()
      .pipe(z.enum(operators, `must be one of ${operators.join(', ')}`)),
    value: z.unknown().transform((value): readonly unknown[] => (Array.isArray(value) ? value : [value])),
  },
  'must be an object with field, operator and value',
);

/** `filters` as every call has them. */
export const filtersSchema = z
  .array(conditionSchema, 'must be a list of objects with field, operator and value')
  .transform((conditions) =>
    conditions.map(({ field, operator, value }): Condition => ({ field, operator, values: value })),
  );

/**
 * The values as text. Text with a NUL can be the name of nothing that we know, and not every store takes it.
 * @throws Fault `invalid_request`
 */
export function textValues(condition: Condition): readonly string[] {
  demandOperator(condition, ['in', 'eq']);
  return texts(condition);
}

export function texts({ field, values }: Condition): readonly string[] {
  const given = values.map((value) => {
    if (typeof value !== 'string') {
      throw wrongField(field, 'must be a string or a list of strings');
    }
    return value;
  });
  return given.filter((value) => !value.includes('\0'));
}

/** @throws Fault `invalid_request` */
export function demandOperator({ field, operator }: Condition, allowed: readonly Operator[]): void {
  if (!allowed.includes(operator)) {
    throw wrongField(field, `the operator ${operator} is not supported here; use ${allowed.join(' or ')}`);
  }
}
