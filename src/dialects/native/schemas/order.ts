import { z } from 'zod';
import { action } from './action.ts';
import { type Contract, nothing } from './contract.ts';
import { endpointId, path, sha256 } from './values.ts';

const incidentId = z.string().min(1).max(1_024).optional().meta({
  description: 'Kept as given: an unknown incident never stops an order.',
});

const endpointIds = z.array(endpointId).min(1).max(20_000);

export const startFetch = {
  name: 'startFetch',
  summary: 'Fetches files by GUID from wherever they are. Atomic: after an error nothing runs.',
  method: 'POST',
  path: '/actions/fetch',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({ guids: z.array(z.string().max(64)).min(1).max(20_000), incidentId })
    .meta({ id: 'FetchByGuid' }),
  status: 201,
  reply: z
    .object({
      action,
      unknown: z.array(z.string()).meta({ description: 'Those GUIDs that no endpoint has reported as a file.' }),
    })
    .meta({ id: 'StartedFetch' }),
} as const satisfies Contract;

export const retrieveFiles = {
  name: 'retrieveFiles',
  summary: 'Fetches every path from every named endpoint. Unknown endpoints are left out.',
  method: 'POST',
  path: '/actions/retrieve',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({ endpointIds, paths: z.array(path).min(1).max(20_000), incidentId })
    .meta({ id: 'FetchByPath' }),
  status: 201,
  reply: action,
} as const satisfies Contract;

export const quarantineFile = {
  name: 'quarantineFile',
  summary: 'Takes one file, by path and hash, into the vault of each named endpoint. Unknown endpoints are left out.',
  method: 'POST',
  path: '/actions/quarantine',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ endpointIds, path, sha256, incidentId }).meta({ id: 'Quarantine' }),
  status: 201,
  reply: action,
} as const satisfies Contract;

export const restoreFile = {
  name: 'restoreFile',
  summary: 'Puts every copy of a quarantined file back, on one endpoint or on all that hold the hash.',
  method: 'POST',
  path: '/actions/restore',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ sha256, endpointId: endpointId.optional(), incidentId }).meta({ id: 'Restore' }),
  status: 201,
  reply: action,
} as const satisfies Contract;
