import { z } from 'zod';
import type { EndpointOrder } from '#core/ports/store/endpoints.ts';
import type { Page } from '#core/ports/store/page.ts';
import { wholeNumberText } from '#core/whole-number.ts';

/** The vendor's longest page; a longer one is cut, and `result_count` says how much came. */
const longestPage = 100;

const offset = z
  .union([z.int(), wholeNumberText], 'must be a whole number')
  .refine((value) => value >= 0, 'must not be negative')
  .nullish();

export const pageFields = { search_from: offset, search_to: offset };

/**
 * From `search_from` to before `search_to`. One client's last page begins behind its end, and others go on until a page
 * is empty: neither is an error.
 */
export function pageOf(asked: {
  readonly search_from?: number | null | undefined;
  readonly search_to?: number | null | undefined;
}): Page {
  const from = asked.search_from ?? 0;
  const to = asked.search_to ?? from + longestPage;
  return { offset: from, limit: Math.min(longestPage, Math.max(0, to - from)) };
}

const orders = {
  endpoint_id: 'id',
  first_seen: 'enrolledAt',
  last_seen: 'lastSeen',
} as const satisfies Record<string, EndpointOrder['by']>;

export const sortSchema = z
  .object(
    {
      field: z.enum(['endpoint_id', 'first_seen', 'last_seen'], 'must be endpoint_id, first_seen or last_seen'),
      /** The vendor's page says upper case and shows lower case. */
      keyword: z
        .string('must be a string')
        .toLowerCase()
        .pipe(z.enum(['asc', 'desc'], 'must be asc or desc'))
        .nullish(),
    },
    'must be an object with field and keyword',
  )
  .transform(
    ({ field, keyword }): EndpointOrder => ({
      by: orders[field],
      direction: keyword === 'desc' ? 'descending' : 'ascending',
    }),
  );

/**
 * The order of a list for which none was asked. Nothing that happens to a fleet moves an endpoint in it: new ones are behind all others, and
 * removed ones keep their place. So whoever reads page after page misses nobody and meets nobody twice.
 */
export const asEnrolled: EndpointOrder = { by: 'enrolment', direction: 'ascending' };

export const byId: EndpointOrder = { by: 'id', direction: 'ascending' };
