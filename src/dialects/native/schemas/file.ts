import { z } from 'zod';
import { fileKinds } from '#core/file/file.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { endpointId, guid, instant, md5, sha1, sha256, shownPath } from './values.ts';

export const fileStates = ['present', 'quarantined', 'gone'] as const;

export const fileFields = ['name', 'path', 'sha256', 'sha1', 'md5', 'endpointName', 'endpointId', 'guid'] as const;

const fileOperators = ['equals', 'equals_ignore_case', 'contains_ignore_case', 'matches_wildcard'] as const;

const nanoseconds = z.string().meta({ description: 'Nanoseconds since 1970, decimal.' });

export const file = z
  .object({
    guid,
    endpointId,
    path: shownPath,
    name: z.string(),
    state: z.enum(fileStates),
    size: z.int(),
    sha256,
    sha1,
    md5,
    kind: z.enum(fileKinds),
    package: z.string().nullable().meta({ description: 'The package that has just these bytes at this path.' }),
    mode: z.int().meta({ description: 'The 12 permission bits.' }),
    uid: z.int(),
    gid: z.int(),
    owner: z.string(),
    modifiedNs: nanoseconds,
    changedNs: nanoseconds,
    createdNs: nanoseconds.nullable(),
    seenAt: instant,
  })
  .meta({ id: 'File' });

const condition = z
  .strictObject({
    field: z.enum(fileFields),
    operator: z.enum(fileOperators).default('equals'),
    values: z.array(z.string().min(1).max(4_096)).min(1).max(1_000),
  })
  .meta({ id: 'FileCondition' });

export const findFiles = {
  name: 'findFiles',
  keyless: 'it reads',
  summary: 'Files that agents have reported and for which every condition holds, by name, path and GUID.',
  method: 'POST',
  path: '/files/search',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      conditions: z.array(condition).max(100).default([]),
      states: z.array(z.enum(fileStates)).min(1).default(['present', 'quarantined']),
      offset,
      limit,
    })
    .meta({ id: 'FileSearch' }),
  example: { conditions: [{ field: 'name', operator: 'matches_wildcard', values: ['*.docm'] }] },
  status: 200,
  reply: z.object({ items: z.array(file), total }).meta({ id: 'FileList' }),
} as const satisfies Contract;

export const readFile = {
  name: 'readFile',
  summary: 'One file by its GUID, in either spelling.',
  method: 'GET',
  path: '/files/{guid}',
  parameters: z.strictObject({ guid }),
  query: nothing,
  body: null,
  status: 200,
  reply: file,
} as const satisfies Contract;
