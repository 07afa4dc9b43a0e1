import { z } from 'zod';
import type { CopySign } from '#core/endpoint/machine.ts';
import { platforms } from '#core/endpoint/platform.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { endpointId, instant, nullableInstant } from './values.ts';

const copySigns = ['other_machine', 'older_data', 'both_at_once'] as const satisfies readonly CopySign[];
const presences = ['connected', 'disconnected', 'lost'] as const;

const clone = z
  .object({
    firstSeen: instant,
    hosts: z.array(
      z.object({
        id: z.string(),
        hostName: z.string(),
        remoteAddress: z.string(),
        sign: z
          .enum(copySigns)
          .meta({ description: 'Why it is known to be another machine, or an older state of it.' }),
        firstSeen: instant,
        lastSeen: instant,
      }),
    ),
  })
  .nullable()
  .meta({ description: 'Other machines that came with the key of this endpoint, and were refused; null: none did.' });

export const endpoint = z
  .object({
    id: endpointId,
    number: z.int().meta({ description: 'The first half of every GUID on this machine.' }),
    hostName: z.string(),
    alias: z.string(),
    domain: z.string(),
    platform: z.enum(platforms),
    operatingSystem: z.string(),
    operatingSystemVersion: z.string(),
    architecture: z.string(),
    addresses: z.array(z.string()),
    macAddresses: z.array(z.string()),
    users: z.array(z.string()),
    agentVersion: z.string(),
    roots: z.array(z.string()).meta({ description: 'The directories that the agent inventories.' }),
    limitations: z.array(z.string()).meta({ description: 'What this agent may not do, in words.' }),
    tags: z.array(z.string()),
    presence: z.enum(presences),
    enrolledAt: instant,
    lastSeen: instant,
    revokedAt: nullableInstant,
    archivedAt: nullableInstant.meta({ description: 'Since when it is put aside; null: it is not.' }),
    clone,
  })
  .meta({ id: 'Endpoint' });

const texts = z.array(z.string().min(1).max(1_024)).max(1_000).optional();

export const listEndpoints = {
  name: 'listEndpoints',
  summary: 'Endpoints that match every given condition; within one, any of its values.',
  method: 'GET',
  path: '/endpoints',
  parameters: nothing,
  query: z.strictObject({
    id: z.array(endpointId).max(1_000).optional(),
    hostName: texts,
    hostNameContains: texts,
    alias: texts,
    address: texts,
    user: texts,
    platform: z.array(z.enum(platforms)).optional(),
    presence: z.array(z.enum(presences)).optional(),
    order: z.enum(['id', 'enrolledAt', 'lastSeen', 'hostName']).default('hostName'),
    direction: z.enum(['ascending', 'descending']).default('ascending'),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(endpoint), total }).meta({ id: 'EndpointList' }),
} as const satisfies Contract;

const named = { endpointIds: z.array(endpointId).min(1).max(20_000) };

const changed = z
  .object({
    endpointIds: z.array(z.string()).meta({ description: 'Those that are now as was asked.' }),
    unknown: z.array(z.string()).meta({ description: 'Those that are not enrolled, or were removed.' }),
  })
  .meta({ id: 'ChangedEndpoints' });

export const renameEndpoints = {
  name: 'renameEndpoints',
  summary: 'Gives endpoints an alias beside their host names; the empty one takes it away.',
  method: 'POST',
  path: '/endpoints/rename',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ ...named, alias: z.string().max(1_024) }).meta({ id: 'RenameEndpoints' }),
  status: 200,
  reply: changed,
} as const satisfies Contract;

const tagList = z.array(z.string().max(1_024)).max(100).default([]);

export const tagEndpoints = {
  name: 'tagEndpoints',
  summary: 'Puts tags on endpoints and takes others off, on all of them or on none.',
  method: 'POST',
  path: '/endpoints/tag',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ ...named, add: tagList, remove: tagList }).meta({ id: 'TagEndpoints' }),
  status: 200,
  reply: changed,
} as const satisfies Contract;

const reason = z.string().max(1_000).default('').meta({ description: 'Why, for people.' });

export const archiveEndpoints = {
  name: 'archiveEndpoints',
  summary: 'Puts endpoints aside. Nothing is lost; one whose agent connects again comes back by itself.',
  method: 'POST',
  path: '/endpoints/archive',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ ...named, reason }).meta({ id: 'ArchiveEndpoints' }),
  status: 200,
  reply: changed,
} as const satisfies Contract;

export const unarchiveEndpoints = {
  name: 'unarchiveEndpoints',
  summary: 'Brings archived endpoints back.',
  method: 'POST',
  path: '/endpoints/unarchive',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ ...named, reason }).meta({ id: 'UnarchiveEndpoints' }),
  status: 200,
  reply: changed,
} as const satisfies Contract;

export const readEndpoint = {
  name: 'readEndpoint',
  summary: 'One endpoint.',
  method: 'GET',
  path: '/endpoints/{endpointId}',
  parameters: z.strictObject({ endpointId }),
  query: nothing,
  body: null,
  status: 200,
  reply: endpoint,
} as const satisfies Contract;

export const settleCopies = {
  name: 'settleCopies',
  summary: 'Says which of the machines that came with one key the endpoint is, and forgets the others.',
  method: 'POST',
  path: '/endpoints/{endpointId}/copies/settle',
  parameters: z.strictObject({ endpointId }),
  query: nothing,
  body: z
    .strictObject({
      accept: z
        .string()
        .max(100)
        .nullable()
        .meta({ description: 'The id of the copy that took its place; null: it is the machine that it was.' }),
    })
    .meta({ id: 'SettleCopies' }),
  status: 200,
  reply: z.object({ accepted: z.string().nullable() }).meta({ id: 'SettledCopies' }),
} as const satisfies Contract;
