import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';

/** Which page of the results is asked for; undefined where nobody speaks of pages. */
export interface Paging {
  readonly pageSize: number;
  /** How many results come before. */
  readonly offset: number;
  /** Of the query without its page: a token belongs to one query. */
  readonly digest: string;
}

const largestPage = 10_000;
const numeric = z.coerce.number<unknown>();
const paginationSchema = z.looseObject({
  pageSize: numeric.optional().catch(undefined),
  page: numeric.nullish().catch(undefined),
  skip: numeric.nullish().catch(undefined),
  paginationToken: z.string().max(1_000).nullish(),
});

/** As the client sent it: in the body, in the address, and in a header. */
export interface PagingSource {
  readonly body: unknown;
  readonly address: URLSearchParams;
  readonly token: string | null;
}

/**
 * Clients name a page by its number, from 1 in the body and from 0 in the address, by how many to skip, or by nothing but the token of the
 * answer before.
 * @throws Fault `invalid_request` for a token that was not given for this query.
 */
export function readPaging({ body, address, token }: PagingSource, digestOf: () => string): Paging | undefined {
  const inBody = typeof body === 'object' && body !== null ? Reflect.get(body, 'pagination') : undefined;
  const [page, itemsPerPage] = [address.get('page'), address.get('itemsPerPage')];
  if ((inBody === undefined || inBody === null) && page === null && itemsPerPage === null && token === null) {
    return undefined;
  }
  const given = checkShape(paginationSchema, inBody ?? {});
  if (!given.success) {
    throw new Fault('invalid_request', 'pagination must be an object with pageSize, page and paginationToken.', {
      details: { field: 'pagination' },
    });
  }
  const digest = digestOf();
  const pageSize = wholeNumber(given.data.pageSize ?? itemsPerPage, { fallback: 1_000, most: largestPage });
  const resumed = offsetOf(given.data.paginationToken ?? token, digest);
  const skip = given.data.skip ?? undefined;
  const number = given.data.page ?? (page === null ? undefined : Number(page) + 1);
  const offset =
    skip ?? (number === undefined ? resumed : (wholeNumber(number, { fallback: 1, most: 2 ** 31 }) - 1) * pageSize);
  return { pageSize, offset: Math.max(0, Math.floor(Number.isFinite(offset) ? offset : 0)), digest };
}

/** A query, as far as pages are concerned. */
interface Limited {
  readonly paging: Paging | undefined;
  readonly limits: { readonly totalResultLimit: number };
}

/** What of the results an answer holds. */
export function windowOf({ paging, limits }: Limited): {
  readonly offset: number;
  readonly limit: number;
} {
  return paging === undefined
    ? { offset: 0, limit: limits.totalResultLimit }
    : { offset: paging.offset, limit: Math.max(0, Math.min(paging.pageSize, limits.totalResultLimit - paging.offset)) };
}

interface Shown {
  readonly shown: number;
  readonly total: number;
  /** The search gave up: there may be more, and whoever goes on is told so. */
  readonly terminated: boolean;
}

/** Leads to the next page; null where there is none. */
export function nextToken({ paging, limits }: Limited, { shown, total, terminated }: Shown): string | null {
  if (paging === undefined || shown === 0) {
    return null;
  }
  const next = paging.offset + shown;
  const end = Math.min(terminated ? Number.POSITIVE_INFINITY : total, limits.totalResultLimit);
  return next >= end ? null : Buffer.from(JSON.stringify([1, next, paging.digest])).toString('base64url');
}

/** The same query has it, whichever page of it is asked for. */
export function queryDigest(body: unknown): string {
  const rest = typeof body === 'object' && body !== null ? { ...body, pagination: undefined } : body;
  return createHash('sha256').update(JSON.stringify(rest)).digest('base64url').slice(0, 16);
}

const tokenSchema = z.tuple([z.literal(1), z.number().int().nonnegative(), z.string()]);

function offsetOf(token: string | null | undefined, digest: string): number {
  if (token === null || token === undefined || token === '') {
    return 0;
  }
  const read = tokenSchema.safeParse(parseJson(Buffer.from(token, 'base64url').toString()));
  if (!read.success || read.data[2] !== digest) {
    throw new Fault('invalid_request', 'The paginationToken is not one that was given for this query: leave it out.', {
      details: { field: 'paginationToken' },
    });
  }
  return read.data[1];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wholeNumber(value: unknown, { fallback, most }: { readonly fallback: number; readonly most: number }): number {
  const number = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) && number >= 1 ? Math.min(Math.floor(number), most) : fallback;
}
