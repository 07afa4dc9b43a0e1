import type { Milliseconds } from '#core/time.ts';
import { type Condition, demandOperator } from './filters.ts';
import { wrongField } from './read-fields.ts';

export interface Period {
  readonly from: Milliseconds | undefined;
  readonly to: Milliseconds | undefined;
}

/** What a condition on a time leaves of a period. @throws Fault `invalid_request` */
export function period(condition: Condition, { from, to }: Period): Period {
  demandOperator(condition, ['gte', 'lte', 'eq']);
  const { operator } = condition;
  const time = timeOf(condition);
  return {
    from: operator === 'lte' ? from : Math.max(time, from ?? time),
    to: operator === 'gte' ? to : Math.min(time, to ?? time),
  };
}

/** The one time of a condition: milliseconds, as a number or as digits. @throws Fault `invalid_request` */
export function timeOf({ field, values }: Condition): Milliseconds {
  const [value, ...others] = values;
  const time = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || others.length > 0) {
    throw wrongField(field, 'must be one time in milliseconds since 1970');
  }
  return time;
}
