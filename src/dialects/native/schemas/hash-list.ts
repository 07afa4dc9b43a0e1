import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { dialectNames } from '#core/action/action.ts';
import { hashAlgorithms, listKinds } from '#core/list/listed-hash.ts';
import { listRefusals } from '#core/list/refuse-block.ts';
import { listedHashOrders } from '#core/ports/store/hash-lists.ts';
import { action } from './action.ts';
import { type Contract, nothing } from './contract.ts';
import { file } from './file.ts';
import { limit, offset, total } from './paging.ts';
import { instant, nullableInstant, reason } from './values.ts';

const list = z.enum(listKinds);
const part = z.string().min(1).max(4_096).optional();
const hashes = z.array(z.string().max(128)).min(1).max(10_000).meta({ description: 'SHA-256, SHA-1 or MD5 in hex.' });

const listedHash = z
  .object({
    hash: z.string(),
    algorithm: z.enum(hashAlgorithms),
    list,
    prevent: z.boolean().meta({ description: 'Whether new files with this hash are quarantined.' }),
    comment: z.string(),
    incidentId: z.string().nullable(),
    listedBy: z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() }),
    dialect: z.enum(dialectNames),
    listedAt: instant,
    expiresAt: nullableInstant,
  })
  .meta({ id: 'ListedHash' });

export const listHashes = {
  name: 'listHashes',
  summary:
    'Puts hashes on the block or the allow list. Copies that are there already are told of, and touched only if that is asked for.',
  method: 'POST',
  path: '/hashes',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      hashes,
      list,
      prevent: z.boolean().default(true).meta({ description: 'Of the block list: quarantine new files.' }),
      quarantineExisting: z.boolean().default(false).meta({
        description: 'Quarantine the copies that are there already, too; needs the permission files.quarantine.',
      }),
      comment: z.string().max(4_096).default(''),
      expiresAt: instant.optional(),
      incidentId: z.string().min(1).max(1_024).optional(),
      reason: reason.meta({
        description:
          'Why, for the record: kept with the quarantines, too. A server may demand it of who orders those (CUSTODY_REASON).',
      }),
    })
    .meta({ id: 'HashesToList' }),
  example: {
    hashes: ['275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'],
    list: 'block',
    comment: 'EICAR test file',
  },
  status: 200,
  reply: z
    .object({
      listed: z.array(listedHash),
      unchanged: z.array(z.string()),
      refused: z.array(z.object({ hash: z.string(), reason: z.enum(listRefusals), message: z.string() })),
      copies: z.array(file).meta({ description: 'Files that have one of the hashes now; the first 1000.' }),
      copiesCount: z.int(),
      actions: z.array(action).meta({ description: 'The quarantines that were ordered.' }),
    })
    .meta({ id: 'HashesListed' }),
} as const satisfies Contract;

export const forgetHashes = {
  name: 'forgetHashes',
  summary: 'Takes hashes off whichever list they are on. What is in vaults stays there.',
  method: 'POST',
  path: '/hashes/forget',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ hashes }).meta({ id: 'HashesToForget' }),
  status: 200,
  reply: z.object({ removed: z.array(z.string()) }).meta({ id: 'HashesForgotten' }),
} as const satisfies Contract;

export const findListedHashes = {
  name: 'findListedHashes',
  summary: 'What is blocked and allowed, newest first unless another order is asked for.',
  description: 'Every given condition must hold. Parts of texts are found anywhere within and in any case.',
  method: 'GET',
  path: '/hashes',
  parameters: nothing,
  query: z.strictObject({
    list: list.optional(),
    hash: z.array(z.string().max(128)).optional(),
    hashContains: part,
    comment: part,
    listedBy: part.meta({ description: 'Part of the name of whoever listed it.' }),
    prevent: z.enum(['true', 'false']).optional(),
    expired: z.enum(['true', 'false']).default('false').meta({ description: 'Those whose time is over, too.' }),
    order: z.enum(listedHashOrders).default('listedAt'),
    direction: z.enum(['ascending', 'descending']).default('descending'),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(listedHash), total }).meta({ id: 'ListedHashList' }),
} as const satisfies Contract;
