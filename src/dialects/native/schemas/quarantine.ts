import { z } from 'zod';
import { quarantineStates } from '#core/file/quarantine-record.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import {
  actionId,
  endpointId,
  guid,
  instant,
  nullableInstant,
  path,
  sha256,
  shownPath,
  vaultObject,
} from './values.ts';

const quarantineRecord = z
  .object({
    vaultObject,
    endpointId,
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

export const listQuarantine = {
  name: 'listQuarantine',
  summary: 'What the vaults of the endpoints hold, or held; newest first.',
  method: 'GET',
  path: '/quarantine',
  parameters: nothing,
  query: z.strictObject({
    endpointId: z.array(endpointId).max(1_000).optional(),
    sha256: z.array(sha256).max(1_000).optional(),
    vaultObject: z.array(vaultObject).max(1_000).optional(),
    state: z.array(z.enum(quarantineStates)).optional(),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(quarantineRecord), total }).meta({ id: 'QuarantineList' }),
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
