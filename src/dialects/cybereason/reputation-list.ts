import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { readHash } from '#core/list/judge.ts';
import type { HashAlgorithm, ListedHash } from '#core/list/listed-hash.ts';
import type { HashChange } from '#core/verbs/change-hash-lists.ts';

/** Where the newer reputation calls are. */
export const reputationService = '/rest/dynamic/v1/ti-reputation/api/v1';

/** The vendor has a list for each group of sensors; Custody has one, for every endpoint. */
export const onlyList = 'default';

const words: Record<HashAlgorithm, string> = { sha256: 'SHA256', sha1: 'SHA1', md5: 'MD5' };
const actions = ['ALLOW', 'DENY', 'DETECT'] as const;

/** @throws Fault `not_found` for any list but the one */
export function demandOnlyList(name: string | undefined): void {
  if (name !== onlyList) {
    throw new Fault('not_found', `The only list of reputations is ${onlyList}.`, { details: { what: 'list' } });
  }
}

/** `DETECT`: known to be bad, and nothing is touched. The hash is the entry's id. */
export function showListedReputation(entry: ListedHash) {
  const denied = entry.prevent ? 'DENY' : 'DETECT';
  return {
    id: entry.hash,
    reputationListId: onlyList,
    keys: [{ type: words[entry.algorithm], value: entry.hash }],
    action: entry.list === 'allow' ? 'ALLOW' : denied,
    comment: entry.comment,
    groupIds: null,
    updatedBy: entry.listedBy.name,
    updatedAt: entry.listedAt,
    expiresAt: entry.expiresAt,
  };
}

const pageSchema = z.object({
  pagination: z
    .object({
      page: z.int('must be a whole number').min(0).max(1_000_000).default(0),
      size: z.int('must be a whole number').min(1).max(10_000).default(100),
    })
    .default({ page: 0, size: 100 }),
});

/** The body of a search; other fields are ignored. @throws Fault `invalid_request` */
export function readPagination(body: unknown): z.infer<typeof pageSchema>['pagination'] {
  return read(pageSchema, body).pagination;
}

const changeSchema = z.object({
  action: z.enum(actions, `must be one of ${actions.join(', ')}`),
  keys: z
    .array(z.record(z.string(), z.unknown(), 'must be an object'), 'must be a list of keys')
    .min(1)
    .max(100),
  comment: z.string('must be a text').nullable().default(null),
  groupIds: z
    .array(z.unknown(), 'must be a list, or null')
    .max(0, 'must be null: a list is for every endpoint')
    .nullish(),
  expiresAt: z.int('must be a time in milliseconds since 1970').nullish(),
});

/**
 * The body of an update of one entry.
 * @throws Fault `invalid_request`, also where a key is another than the entry's own: that would be another entry
 */
export function readReputationChange(body: unknown, id: string): HashChange {
  const { action, keys, comment, expiresAt } = read(changeSchema, body);
  for (const key of keys) {
    const hash = Object.values(key).flatMap((value) =>
      typeof value === 'string' ? (readHash(value)?.hash ?? []) : [],
    );
    if (hash[0] !== id) {
      const message = `keys: the key of the entry ${id} is its hash, and cannot be changed. Custody decides about files only.`;
      throw new Fault('invalid_request', message, { details: { field: 'keys' } });
    }
  }
  const list = action === 'ALLOW' ? 'allow' : 'block';
  return {
    hashes: [id],
    decision: { list, prevent: action === 'DENY', comment: comment ?? '', expiresAt: expiresAt ?? undefined },
  };
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const checked = checkShape(schema, body);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const field = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.');
    throw new Fault('invalid_request', `${field}: ${issue?.message ?? 'is not as it must be'}.`, {
      details: { field },
    });
  }
  return checked.data;
}
