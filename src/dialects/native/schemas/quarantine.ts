import { z } from 'zod';
import { quarantineStates } from '#core/file/quarantine-record.ts';
import { listKinds } from '#core/list/listed-hash.ts';
import { guardRule } from './approval.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import {
  actionId,
  digest,
  endpointId,
  guid,
  instant,
  nullableInstant,
  path,
  pathContains,
  sha256,
  shownPath,
  vaultObject,
} from './values.ts';

const quarantineRecord = z
  .object({
    vaultObject,
    endpointId,
    hostName: z.string().nullable().meta({ description: 'Null where the endpoint’s record was removed.' }),
    guid: guid.meta({ description: 'GUID of the file that was taken.' }),
    quarantineGuid: guid.meta({ description: 'GUID of the quarantined file; it can be fetched by either.' }),
    path: shownPath,
    sha256,
    size: z.int(),
    state: z.enum(quarantineStates),
    actionId: actionId.nullable().meta({ description: 'Null where only the endpoint knows who ordered it.' }),
    quarantinedAt: instant,
    restoredAt: nullableInstant.meta({ description: 'When it left the vault, restored or purged.' }),
    restoredBy: actionId.nullable(),
    damagedAt: nullableInstant.meta({
      description: 'When the endpoint first found that the object no longer holds the file.',
    }),
  })
  .meta({ id: 'QuarantineRecord' });

const filters = {
  endpointId: z.array(endpointId).max(1_000).optional(),
  sha256: z.array(sha256).max(1_000).optional(),
  state: z.array(z.enum(quarantineStates)).optional(),
  actionId: z.array(actionId).max(1_000).optional().meta({ description: 'What these actions took.' }),
  pathContains,
};

export const listQuarantine = {
  name: 'listQuarantine',
  summary: 'What the vaults of the endpoints hold, or held; newest first.',
  method: 'GET',
  path: '/quarantine',
  parameters: nothing,
  query: z.strictObject({
    ...filters,
    vaultObject: z.array(vaultObject).max(1_000).optional(),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(quarantineRecord), total }).meta({ id: 'QuarantineList' }),
} as const satisfies Contract;

const records = z.int().min(0);

const quarantinedHash = z
  .object({
    sha256,
    size: z.int(),
    held: records,
    restored: records,
    purged: records,
    lost: records,
    damaged: records.meta({ description: 'Of what is held: it no longer holds the file.' }),
    endpointsCount: z.int(),
    pathsCount: z.int(),
    path: shownPath.meta({ description: 'One of them.' }),
    firstQuarantinedAt: instant,
    lastQuarantinedAt: instant,
  })
  .meta({ id: 'QuarantinedHash' });

export const listQuarantinedHashes = {
  name: 'listQuarantinedHashes',
  summary: 'What `listQuarantine` lists, counted by hash; what was quarantined last first.',
  description: 'Every count is of the records that the query is about: with `state=held`, of those alone.',
  method: 'GET',
  path: '/quarantine/hashes',
  parameters: nothing,
  query: z.strictObject({ ...filters, offset, limit }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(quarantinedHash), total }).meta({ id: 'QuarantinedHashList' }),
} as const satisfies Contract;

const askedFile = { endpointId, path, sha256 };

export const readQuarantineStatus = {
  name: 'readQuarantineStatus',
  keyless: 'it reads',
  summary: 'Of each named file whether the vault of that endpoint holds it now, by the signed reports of the agents.',
  method: 'POST',
  path: '/quarantine/status',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({ files: z.array(z.strictObject(askedFile)).min(1).max(1_000) })
    .meta({ id: 'QuarantineStatusOf' }),
  status: 200,
  reply: z
    .object({
      items: z
        .array(z.object({ ...askedFile, path: shownPath, quarantined: z.boolean() }))
        .meta({ description: 'In the order of the request.' }),
    })
    .meta({ id: 'QuarantineStatus' }),
} as const satisfies Contract;

const count = z.int().min(0);

const runningFile = z.object({
  endpointId,
  path: shownPath,
  processes: z.array(z.object({ pid: z.int(), startedAt: instant })),
});

const observedProcess = z.object({
  endpointId,
  path: shownPath,
  pid: z.int().nullable(),
  startedAt: nullableInstant,
  incidentId: z.string(),
});

export const previewQuarantine = {
  name: 'previewQuarantine',
  keyless: 'it reads',
  summary: 'What a quarantine of every copy of a file would touch, by what agents have reported. Nothing is done.',
  description:
    'The digest of `targets` given to `quarantineFile` with the endpoints `holders` has it act on just those. Lists name the first 20; counts are of all. Where it runs now only agents know: start a live search for the hash and give its id.',
  method: 'POST',
  path: '/quarantine/preview',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      sha256,
      searchId: actionId
        .optional()
        .meta({ description: 'A live search for the hash: what it met running is told, as far as it has come.' }),
    })
    .meta({ id: 'QuarantinePreviewOf' }),
  example: { sha256: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f' },
  status: 200,
  reply: z
    .object({
      targets: z.object({
        endpoints: count.meta({ description: 'On how many endpoints it would be ordered.' }),
        digest: digest.meta({ description: 'Over the hash and just these endpoints.' }),
      }),
      seen: z.object({
        files: count,
        endpoints: count,
        connected: count.meta({ description: 'Of those endpoints, how many are connected now.' }),
        since: nullableInstant.meta({ description: 'When the first of these files was first reported. Null: never.' }),
        pathsCount: count,
        paths: z.array(z.object({ path: shownPath, files: count })).meta({ description: 'The commonest first.' }),
        packages: z
          .array(z.object({ package: z.string(), files: count }))
          .meta({ description: 'System packages that have just these bytes at that path.' }),
      }),
      fleet: z.object({
        endpoints: count,
        percent: z.number().min(0).meta({ description: 'How much of the fleet has it, to two decimals.' }),
      }),
      quarantined: z
        .object({ objects: count, endpoints: count })
        .meta({ description: 'What vaults hold of it already.' }),
      underWay: count.meta({ description: 'Endpoints on which it is being quarantined.' }),
      listed: z.enum(listKinds).nullable().meta({ description: 'The list that the hash is on.' }),
      observed: z
        .object({ items: z.array(observedProcess), total })
        .meta({ description: 'Running programs that incidents tell of, and that nobody has said to have ended.' }),
      searched: z
        .object({ endpoints: count, answered: count, items: z.array(runningFile), total })
        .nullable()
        .meta({ description: 'What the named search met running, and how many endpoints have answered it.' }),
      rules: z.array(guardRule).meta({ description: 'Why it would wait for a second person; none: it would go out.' }),
    })
    .meta({ id: 'QuarantinePreview' }),
} as const satisfies Contract;
