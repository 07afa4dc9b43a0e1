import { z } from 'zod';
import { keyLevels } from '#core/access/credential.ts';
import { type Contract, nothing } from './contract.ts';
import { instant, nullableInstant, roleName, scopeTags } from './values.ts';

export const key = z
  .object({
    id: z.int(),
    name: z.string(),
    comment: z.string(),
    role: roleName,
    tags: scopeTags,
    level: z.enum(keyLevels),
    createdAt: instant,
    createdBy: z.string(),
    expiresAt: nullableInstant,
    addresses: z.array(z.string()).meta({ description: 'Addresses or ranges that it counts from; empty: everywhere.' }),
    lastUsedAt: nullableInstant.meta({ description: 'To about a minute.' }),
  })
  .meta({ id: 'Key' });

export const listKeys = {
  name: 'listKeys',
  summary: 'API keys, without their secrets.',
  method: 'GET',
  path: '/keys',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z.object({ items: z.array(key) }).meta({ id: 'KeyList' }),
} as const satisfies Contract;

export const createKey = {
  name: 'createKey',
  summary: 'Makes an API key, for this API and for the Cortex XDR API.',
  method: 'POST',
  path: '/keys',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      name: z.string().max(200).default(''),
      comment: z.string().max(2_000).default(''),
      role: roleName,
      tags: scopeTags.default(null),
      level: z.enum(keyLevels),
      expiresAt: instant.nullable().default(null),
      addresses: z.array(z.string().min(1).max(60)).max(100).default([]).meta({
        description: 'Addresses or ranges that it counts from, for example 192.0.2.0/24; empty: everywhere.',
      }),
    })
    .meta({ id: 'NewKey' }),
  example: { name: 'SOAR', role: 'Responder', level: 'standard' },
  status: 201,
  reply: key.extend({ secret: z.string().meta({ description: 'Shown this once.' }) }).meta({ id: 'CreatedKey' }),
} as const satisfies Contract;

export const deleteKey = {
  name: 'deleteKey',
  summary: 'Deletes an API key for good: from the next request on it lets nobody in.',
  method: 'DELETE',
  path: '/keys/{id}',
  parameters: z.strictObject({ id: z.string().regex(/^[1-9][0-9]{0,8}$/) }),
  query: nothing,
  body: null,
  status: 204,
  reply: null,
} as const satisfies Contract;
