import { z } from 'zod';
import type { CopySign } from '#core/endpoint/machine.ts';
import { platforms } from '#core/endpoint/platform.ts';
import { scanStatuses } from '#core/endpoint/scan-status.ts';
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
    lastScan: z.enum(scanStatuses).meta({ description: 'How its newest scan went; none: there never was one.' }),
    enrolledAt: instant,
    lastSeen: instant,
    revokedAt: nullableInstant,
    archivedAt: nullableInstant.meta({ description: 'Since when it is put aside; null: it is not.' }),
    clone,
  })
  .meta({ id: 'Endpoint' });

/** In a query. */
const flag = z.enum(['true', 'false']);

const texts = z.array(z.string().min(1).max(1_024)).max(1_000).optional();

export const listEndpoints = {
  name: 'listEndpoints',
  summary: 'Endpoints that match every given condition; within one, any of its values.',
  method: 'GET',
  path: '/endpoints',
  parameters: nothing,
  query: z.strictObject({
    id: z.array(endpointId).max(1_000).optional(),
    number: z.array(z.coerce.number<number>().int()).max(1_000).optional(),
    hostName: texts,
    hostNameContains: texts,
    alias: texts,
    aliasContains: texts,
    address: texts,
    user: texts,
    userContains: texts,
    tag: texts.meta({ description: 'Compared exactly, unlike the other texts.' }),
    platform: z.array(z.enum(platforms)).optional(),
    presence: z.array(z.enum(presences)).optional(),
    lastScan: z.array(z.enum(scanStatuses)).optional(),
    enrolledFrom: instant.optional(),
    enrolledTo: instant.optional(),
    lastSeenFrom: instant.optional(),
    lastSeenTo: instant.optional(),
    archived: flag.optional(),
    revoked: flag.optional(),
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

export const revokeEndpoints = {
  name: 'revokeEndpoints',
  summary: 'Removes endpoints for good: their agents are refused from now on, and what was ordered of them ends.',
  description:
    'What the server knows of them stays, their files and the record among it. An endpoint whose vault holds quarantined files, or may hold some, is kept: nobody could restore them any more. To come back, a machine enrols anew.',
  method: 'POST',
  path: '/endpoints/revoke',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ ...named, reason }).meta({ id: 'RevokeEndpoints' }),
  status: 200,
  reply: z
    .object({
      endpointIds: z.array(endpointId).meta({ description: 'Those that are removed now.' }),
      kept: z
        .array(z.object({ endpointId, message: z.string().meta({ description: 'Why, and what to do.' }) }))
        .meta({ description: 'Those that are not removed.' }),
      unknown: z.array(z.string()).meta({ description: 'Those that are not enrolled, or were removed before.' }),
      batchNumber: z.int().meta({ description: 'Of the fleet action that it is on record as.' }),
    })
    .meta({ id: 'RevokedEndpoints' }),
} as const satisfies Contract;

export const countEndpoints = {
  name: 'countEndpoints',
  summary: 'How many endpoints there are of each presence; archived ones count as archived only.',
  method: 'GET',
  path: '/endpoint-counts',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z
    .object({ connected: z.int(), disconnected: z.int(), lost: z.int(), archived: z.int() })
    .meta({ id: 'EndpointCounts' }),
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
