import { Fault } from '#core/fault.ts';
import type { SqlValue } from './sql-value.ts';

/**
 * Lets through only what both databases keep exactly: PostgreSQL has no NUL in its text, and neither driver says so
 * when it rounds an integer beyond 2^53.
 * @throws Fault `invalid_request` for text with a NUL, Fault `internal` for anything that is no value of a column.
 */
export function storableValue<Value>(value: Value): Value & SqlValue {
  if (!isStorable(value)) {
    throw new Fault('internal', 'A value of this type cannot be stored exactly.', {
      details: { type: typeof value },
    });
  }
  return value;
}

function isStorable<Value>(value: Value): value is Value & SqlValue {
  if (typeof value === 'string') {
    return demandNoNul(value);
  }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value);
  }
  if (Array.isArray(value)) {
    return value.every((item: unknown) => (typeof item === 'string' ? demandNoNul(item) : Number.isSafeInteger(item)));
  }
  return value === null || value instanceof Uint8Array;
}

function demandNoNul(text: string): true {
  if (text.includes('\0')) {
    throw new Fault('invalid_request', 'Text with a NUL character cannot be stored or searched for.');
  }
  return true;
}
