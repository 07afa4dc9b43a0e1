import type { SensorOffset } from '#core/ports/policy.ts';
import { wholeNumberOf } from '#core/whole-number.ts';
import { readSortDirection } from '../sort-direction.ts';
import { type FieldFilter, readFilters, wrong } from './sensor-filter.ts';

export interface ListRequest {
  readonly filters: readonly FieldFilter[];
  /** Rows. */
  readonly offset: number;
  readonly limit: number;
  /** Undefined: by machine name. */
  readonly sortBy: string | undefined;
  readonly isDescending: boolean;
}

/** Where a body has no limit; what is left over is said by `hasMoreResults`. */
const usualLimit = 1_000;
/** The most that a known client asks for at once. */
const largestLimit = 30_000;

/**
 * The body of `sensors/query`, in which everything may be left out or null, and numbers may be text.
 * @throws Fault `invalid_request`
 */
export function readListRequest(body: unknown, meaning: SensorOffset): ListRequest {
  const fields = demandObject(body);
  const limit = Math.min(readNumber(fields['limit'], 'limit') ?? usualLimit, largestLimit);
  const offset = readNumber(fields['offset'], 'offset') ?? 0;
  const sortBy = fields['sortingFieldName'];
  return {
    filters: readFilters(fields['filters'], 'filters'),
    offset: Math.min(meaning === 'page' ? offset * limit : offset, Number.MAX_SAFE_INTEGER),
    limit,
    sortBy: typeof sortBy === 'string' && sortBy !== '' ? sortBy : undefined,
    isDescending: readSortDirection(fields['sortDirection']) === 'DESC',
  };
}

/** @throws Fault `invalid_request` */
export function demandObject(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw wrong('body', 'The body must be a JSON object.');
  }
  return body as Readonly<Record<string, unknown>>;
}

function readNumber(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  const number = wholeNumberOf(text);
  if (number === undefined) {
    throw wrong(field, `${field} must be a whole number, 0 or more.`);
  }
  return number;
}
