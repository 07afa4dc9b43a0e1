import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { isOperator, type Operator, operators } from '../query/operators.ts';
import { isSensorField } from './sensor.ts';

export interface SensorFilter {
  readonly fieldName: string;
  readonly operator: Operator;
  /** Never empty. */
  readonly values: readonly string[];
}

export interface SensorRequest {
  readonly filters: readonly SensorFilter[];
  readonly limit: number;
  /** In pages or in rows, as the installation is set. */
  readonly offset: number;
  readonly sortBy: string;
  readonly descending: boolean;
}

const mostFilters = 100;
const mostValues = 10_000;
const largestPage = 30_000;

/** Clients send numbers as such or as text, leave anything out, or send null. */
const requestSchema = z.object({
  filters: z.array(z.unknown()).max(mostFilters).nullish(),
  limit: z.unknown().optional(),
  offset: z.unknown().optional(),
  sortingFieldName: z.string().max(200).nullish(),
  sortDirection: z.string().max(20).nullish(),
});

const filterSchema = z.object({
  fieldName: z.string().min(1).max(200),
  operator: z.string().max(200).nullish(),
  values: z.union([z.array(z.unknown()).max(mostValues), z.string(), z.number(), z.boolean()]),
});

/** @throws Fault `invalid_request` that names the field. */
export function readSensorRequest(body: unknown): SensorRequest {
  const parsed = checkShape(requestSchema, body ?? {});
  if (!parsed.success) {
    throw wrong(parsed.error.issues[0]?.path.join('.') ?? 'body', parsed.error.issues[0]?.message ?? 'is wrong');
  }
  const { filters, limit, offset, sortingFieldName, sortDirection } = parsed.data;
  const sortBy = sortingFieldName ?? 'machineName';
  if (!isSensorField(sortBy)) {
    throw wrong('sortingFieldName', `names no field of a sensor: ${sortBy}`);
  }
  return {
    filters: readSensorFilters(filters ?? []),
    limit: wholeNumber(limit, { fallback: 1_000, least: 1, most: largestPage }),
    offset: wholeNumber(offset, { fallback: 0, least: 0, most: 2 ** 31 }),
    sortBy,
    descending: sortDirection?.toUpperCase() === 'DESC',
  };
}

/** @throws Fault `invalid_request` */
export function readSensorFilters(filters: readonly unknown[]): readonly SensorFilter[] {
  return filters.map((filter, index) => readFilter(filter, `filters[${index}]`, isSensorField));
}

/** @throws Fault `invalid_request`, with the field at this place. */
export function readFilter(value: unknown, place: string, isField: (name: string) => boolean): SensorFilter {
  const parsed = checkShape(filterSchema, value);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw wrong(place, `${field === '' ? '' : `${field}: `}${parsed.error.issues[0]?.message ?? 'is wrong'}`);
  }
  const { fieldName, operator, values } = parsed.data;
  if (!isField(fieldName)) {
    throw wrong(`${place}.fieldName`, `names no field that can be filtered by: ${fieldName}`);
  }
  const texts = (Array.isArray(values) ? values : [values]).map((one) => toText(one, place));
  if (texts.length === 0) {
    throw wrong(`${place}.values`, 'is empty');
  }
  return { fieldName, operator: readOperator(operator ?? 'Equals', place), values: texts };
}

/** What clients of sensors say beside the operators of queries. */
const synonyms: Readonly<Record<string, Operator>> = {
  Is: 'Equals',
  IsNot: 'NotEquals',
  In: 'Equals',
  NotIn: 'NotEquals',
};

function readOperator(text: string, place: string): Operator {
  const operator = Object.hasOwn(synonyms, text) ? synonyms[text] : text;
  if (operator === undefined || !isOperator(operator)) {
    throw wrong(`${place}.operator`, `must be one of ${operators.join(', ')}`);
  }
  return operator;
}

function toText(value: unknown, place: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value).toWellFormed();
  }
  throw wrong(`${place}.values`, 'must hold texts, numbers or flags');
}

/** Numbers come as text too; what is no number counts as left out. */
export function wholeNumber(
  value: unknown,
  { fallback, least, most }: { readonly fallback: number; readonly least: number; readonly most: number },
): number {
  const number = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= least ? Math.min(Math.floor(number), most) : fallback;
}

export function wrong(field: string, what: string): Fault {
  return new Fault('invalid_request', `${field} ${what}.`, { details: { field } });
}
