import type { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import type { Members } from './read-body.ts';

/**
 * Checks `request_data`; what the schema does not name is ignored.
 * @throws Fault `invalid_request` that names the first field that is missing or wrong.
 */
export function readFields<Schema extends z.ZodType>(schema: Schema, data: Members): z.output<Schema> {
  const parsed = checkShape(schema, data);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const field = path.join('.');
  if (isMissing(data, path)) {
    throw new Fault('invalid_request', `Missing required param: \`${field}\``, { details: { field, missing: true } });
  }
  throw wrongField(field, issue?.message ?? 'is wrong');
}

export function wrongField(field: string, what: string): Fault {
  return new Fault('invalid_request', `${field}: ${what}`, { details: { field } });
}

function isMissing(data: Members, path: readonly PropertyKey[]): boolean {
  let value: unknown = data;
  for (const key of path) {
    // Where a list is read, some calls take the one thing that would be in it.
    const isBare = typeof key === 'number' && !Array.isArray(value);
    value = isBare ? value : memberOf(value, key);
  }
  return value === undefined || value === null;
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
