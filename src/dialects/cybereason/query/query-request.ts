import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { type Guid, parseGuid } from '#core/file/guid.ts';
import { isOperator, type Operator, operators } from './operators.ts';
import { type Paging, type PagingSource, queryDigest, readPaging } from './paging.ts';

export interface QueryFilter {
  readonly facetName: string;
  /** Undefined when the client left it out. */
  readonly operator: Operator | undefined;
  /** Never empty. */
  readonly values: readonly string[];
  /** An element without this feature passes. */
  readonly orAbsent?: true;
}

/** One element of the chain. */
export interface QueryElement {
  readonly requestedType: string;
  /** All must hold. */
  readonly filters: readonly QueryFilter[];
  /** Undefined for no restriction. */
  readonly guids: readonly Guid[] | undefined;
  /** Whether the client sent a list with nothing in it. */
  readonly hasEmptyGuidList: boolean;
  readonly isResult: boolean;
  /** The feature that links it to a neighbour. */
  readonly connectedBy: string | undefined;
}

export interface QueryLimits {
  readonly totalResultLimit: number;
  readonly perGroupLimit: number;
  readonly perFeatureLimit: number;
}

export interface Query {
  readonly path: readonly [QueryElement, ...QueryElement[]];
  readonly limits: QueryLimits;
  /** Undefined for all that there are. */
  readonly customFields: ReadonlySet<string> | undefined;
  /** Undefined where nobody speaks of pages. */
  readonly paging: Paging | undefined;
}

const mostElements = 20;
const mostFilters = 100;
const mostValues = 10_000;
/** In all pages together: a client that asks for pages and names no limit comes to the end. */
const mostPaged = 2 ** 31 - 1;

/** Only what is read; everything else that a client sends, typing errors included, is ignored. */
const elementSchema = z.object({
  requestedType: z.string().min(1).max(200),
  filters: z.array(z.unknown()).max(mostFilters).nullish(),
  guidList: z.array(z.unknown()).max(mostValues).nullish(),
  isResult: z.unknown().optional(),
  result: z.unknown().optional(),
  timeRange: z.unknown().optional(),
  connectionFeature: z
    .object({ featureName: z.string().max(200).nullish() })
    .nullish()
    .catch(undefined),
});

const filterSchema = z.object({
  facetName: z.string().min(1).max(200),
  filterType: z.string().max(200).nullish(),
  values: z.union(
    [z.array(z.unknown()).max(mostValues), z.string(), z.number(), z.boolean()],
    `must be a list of 1 to ${mostValues} texts, numbers or flags`,
  ),
});

const timeSchema = z.union([z.number(), z.string().regex(/^\s*\d+(?:\.\d+)?\s*$/)]);

const timeRangeSchema = z.object({
  startFeatureId: z.string().min(1).max(200),
  endFeatureId: z.string().min(1).max(200).nullish(),
  startTime: timeSchema.nullish(),
  endTime: timeSchema.nullish(),
});

const querySchema = z.object({
  queryPath: z.array(z.unknown()).min(1).max(mostElements),
  totalResultLimit: z.unknown().optional(),
  perGroupLimit: z.unknown().optional(),
  perFeatureLimit: z.unknown().optional(),
  customFields: z.array(z.unknown()).max(mostValues).nullish(),
});

/** What an empty `guidList` says where nothing else narrows the query either. */
export type EmptyGuidList = 'everything' | 'nothing';

/** @throws Fault `invalid_request` that names the field; `malformed` among its details says that the body is no query at all. */
export function readQuery(
  { body, address, token }: PagingSource,
  { emptyGuidList = 'nothing' }: { readonly emptyGuidList?: EmptyGuidList } = {},
): Query {
  const query = parse(querySchema, body, 'The query');
  const [first, ...rest] = query.queryPath.map((element, index) => readElement(element, `queryPath[${index}]`));
  if (first === undefined) {
    throw new Fault('invalid_request', 'queryPath is empty.', { details: { field: 'queryPath' } });
  }
  const paging = readPaging({ body, address, token }, () => queryDigest(body));
  const totalLimit =
    paging === undefined ? { fallback: 1_000, most: 10_000 } : { fallback: mostPaged, most: mostPaged };
  const fields = (query.customFields ?? []).filter((field) => typeof field === 'string');
  return {
    path: rest.length === 0 && emptyGuidList === 'nothing' ? [namedOnly(first)] : [first, ...rest],
    limits: {
      totalResultLimit: clamp(query.totalResultLimit, totalLimit),
      perGroupLimit: clamp(query.perGroupLimit, { fallback: 100, most: 1_000 }),
      perFeatureLimit: clamp(query.perFeatureLimit, { fallback: 100, most: 1_000 }),
    },
    customFields: fields.length === 0 ? undefined : new Set(fields),
    paging,
  };
}

/**
 * A client hands on the GUIDs that the query before gave it: where those were none, the answer to an element that nothing else
 * narrows must be none too, and not everything that there is. Beside filters or a neighbour clients send an empty list for nothing.
 */
function namedOnly(element: QueryElement): QueryElement {
  return element.hasEmptyGuidList && element.filters.length === 0 ? { ...element, guids: [] } : element;
}

function readElement(value: unknown, place: string): QueryElement {
  const element = parse(elementSchema, value, place);
  const guidList = element.guidList ?? [];
  return {
    requestedType: element.requestedType,
    filters: [
      ...(element.filters ?? []).map((filter, index) => readFilter(filter, `${place}.filters[${index}]`)),
      ...readTimeRange(element.timeRange, `${place}.timeRange`),
    ],
    guids: guidList.length === 0 ? undefined : guidList.map(toGuid).filter((guid) => guid !== undefined),
    hasEmptyGuidList: element.guidList?.length === 0,
    isResult: isTrue(element.isResult) || isTrue(element.result),
    connectedBy: element.connectionFeature?.featureName ?? undefined,
  };
}

const hashFeature = /(?:^|\.)(?:(?:md5|sha1|sha256)String|imageFileHash)$/;

function readFilter(value: unknown, place: string): QueryFilter {
  const filter = parse(filterSchema, value, place);
  const { facetName, filterType } = filter;
  if (filterType !== null && filterType !== undefined && !isOperator(filterType)) {
    throw new Fault('invalid_request', `${place}.filterType must be one of ${operators.join(', ')}.`, {
      details: { field: 'filterType' },
    });
  }
  const values = (Array.isArray(filter.values) ? filter.values : [filter.values]).map((one) => toText(one, place));
  if (values.length === 0) {
    throw new Fault('invalid_request', `${place}.values is empty.`, { details: { field: 'values' } });
  }
  // Vendors print hashes in capitals.
  const isHash = hashFeature.test(facetName);
  return {
    facetName,
    operator: filterType ?? undefined,
    values: isHash ? values.map((text) => text.toLowerCase()) : values,
  };
}

/**
 * A time range is what two filters say: that the element began before its end, and had not ended before its start. What has no end has
 * not ended.
 */
function readTimeRange(value: unknown, place: string): readonly QueryFilter[] {
  if (value === undefined || value === null) {
    return [];
  }
  const { startFeatureId, endFeatureId, startTime, endTime } = parse(timeRangeSchema, value, place);
  const ending = endFeatureId ?? startFeatureId;
  const begun = (time: number | string): QueryFilter => ({
    facetName: startFeatureId,
    operator: 'LessOrEqualsTo',
    values: [String(time)],
  });
  const notEnded = (time: number | string): QueryFilter => ({
    facetName: ending,
    operator: 'GreaterOrEqualsTo',
    values: [String(time)],
    ...(ending !== startFeatureId && { orAbsent: true }),
  });
  return [
    ...(endTime === undefined || endTime === null ? [] : [begun(endTime)]),
    ...(startTime === undefined || startTime === null ? [] : [notEnded(startTime)]),
  ];
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  const parsed = checkShape(schema, value);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const named = `${place}${field === '' ? '' : `: ${field}`}`;
  throw new Fault('invalid_request', `${named} ${issue?.message ?? 'is not as it must be'}.`, {
    cause: parsed.error,
    details: { field, malformed: field === '' || field === 'queryPath' || field === 'requestedType' },
  });
}

/** Clients send numbers and flags as such or as text. */
function toText(value: unknown, place: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value).toWellFormed();
  }
  throw new Fault('invalid_request', `${place}.values must hold texts, numbers or flags.`, {
    details: { field: 'values' },
  });
}

function toGuid(value: unknown): Guid | undefined {
  return typeof value === 'string' ? parseGuid(value.trim()) : undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** Limits beyond the vendor's are cut, never refused; what is no number counts as left out. */
function clamp(value: unknown, { fallback, most }: { readonly fallback: number; readonly most: number }): number {
  const number = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= 1 ? Math.min(Math.floor(number), most) : fallback;
}
