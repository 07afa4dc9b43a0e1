import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { isInForce } from '#core/list/judge.ts';
import type { ListedHash } from '#core/list/listed-hash.ts';
import type { Milliseconds } from '#core/time.ts';
import { reputationWords } from './reputation.ts';

const largestPage = 10_000;
const text = z.string('must be a text').max(4_096).nullable().default(null);
const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const flag = z
  .union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], 'must be true or false')
  .nullable()
  .default(null);

const columns = [
  'key',
  'reputationType',
  'isBlocking',
  'maliciousType',
  'comment',
  'owningUser',
  'updateTime',
  'expiration',
] as const;
type Column = (typeof columns)[number];

const querySchema = z.object({
  filter: z
    .object({
      key: text,
      reputationType: text,
      isBlocking: flag,
      maliciousType: text,
      includeExpired: flag,
      comment: text,
      owningUser: text,
      text,
    })
    .nullish(),
  column: z.enum(columns).nullish(),
  order: z.string().max(100).nullish(),
  page: whole.pipe(z.int().min(0)).nullish(),
  size: whole.pipe(z.int().min(1).max(largestPage)).nullish(),
});

type Filter = NonNullable<z.infer<typeof querySchema>['filter']>;

export interface ReputationQuery {
  readonly filter: Filter | undefined;
  readonly column: Column;
  readonly isDescending: boolean;
  /** From 0. */
  readonly page: number;
  readonly size: number;
}

/** The body of `reputations/list`; what is left out asks for everything, newest first. @throws Fault `invalid_request` */
export function readReputationQuery(body: unknown): ReputationQuery {
  const checked = checkShape(querySchema, body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = issue?.path.join('.') ?? 'body';
    throw new Fault('invalid_request', `${field}: ${issue?.message ?? 'is not as it must be'}.`, {
      details: { field },
    });
  }
  const { filter, column, order, page, size } = checked.data;
  const isDescending = order?.toUpperCase() === 'DESC' || (order == null && column == null);
  return {
    filter: filter ?? undefined,
    column: column ?? 'updateTime',
    isDescending,
    page: page ?? 0,
    size: size ?? 100,
  };
}

/** Texts compare anywhere within and in any case; every entry is a file's. */
export function fits(entry: ListedHash, filter: Filter | undefined, now: Milliseconds): boolean {
  if (filter?.includeExpired !== true && !isInForce(entry, now)) {
    return false;
  }
  if (filter === undefined) {
    return true;
  }
  const words = reputationWords[entry.list];
  return (
    isWithin(filter.key, entry.hash) &&
    isWithin(filter.comment, entry.comment) &&
    isWithin(filter.owningUser, entry.listedBy.name) &&
    isOneOf(filter.reputationType, 'FILE') &&
    isOneOf(filter.maliciousType, words) &&
    (filter.isBlocking === null || filter.isBlocking === entry.prevent) &&
    (filter.text === null ||
      [entry.hash, entry.comment, entry.listedBy.name].some((each) => isWithin(filter.text, each)))
  );
}

export function compareBy({ column, isDescending }: ReputationQuery): (left: ListedHash, right: ListedHash) => number {
  const columnOf = values[column];
  const sign = isDescending ? -1 : 1;
  return (left, right) => sign * (order(columnOf(left), columnOf(right)) || order(left.hash, right.hash));
}

const values: Record<Column, (entry: ListedHash) => string | number> = {
  key: ({ hash }) => hash,
  reputationType: () => 'FILE',
  isBlocking: ({ prevent }) => (prevent ? 1 : 0),
  maliciousType: ({ list }) => reputationWords[list],
  comment: ({ comment }) => comment,
  owningUser: ({ listedBy }) => listedBy.name,
  updateTime: ({ listedAt }) => listedAt,
  expiration: ({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY,
};

function order(left: string | number, right: string | number): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

function isWithin(sought: string | null, value: string): boolean {
  return sought === null || value.toLowerCase().includes(sought.toLowerCase());
}

function isOneOf(sought: string | null, value: string): boolean {
  return sought === null || sought === '' || sought.toLowerCase() === value.toLowerCase();
}
