import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { actionId, guid, reason, shownPath, taskId } from './values.ts';

const headToo =
  'HEAD has the status and the headers of GET: whether the bytes can be had now, and how many they are. It delivers nothing, and is not on the record.';

export const downloadFile = {
  name: 'downloadFile',
  summary: 'The bytes of one fetched file, as an attachment.',
  description: headToo,
  answersHead: true,
  method: 'GET',
  path: '/actions/{actionId}/tasks/{taskId}/evidence/{ordinal}',
  parameters: z.strictObject({ actionId, taskId, ordinal: z.coerce.number<number>().int().min(0).max(1_000_000) }),
  query: z.strictObject({ reason }),
  body: null,
  status: 200,
  reply: { mediaType: 'application/octet-stream' },
} as const satisfies Contract;

export const downloadAction = {
  name: 'downloadAction',
  summary: 'All files that a fetch has brought, as one ZIP.',
  description: headToo,
  answersHead: true,
  method: 'GET',
  path: '/actions/{actionId}/evidence',
  parameters: z.strictObject({ actionId }),
  query: z.strictObject({ reason }),
  body: null,
  status: 200,
  reply: { mediaType: 'application/zip' },
} as const satisfies Contract;

/** Of one view, in bytes. */
const longestView = 64 * 1024;
/** Views are for people, and what is before the offset has to be read, too. */
const farthestView = 64 * 1024 ** 2;

export const viewFile = {
  name: 'viewFile',
  summary:
    'Some bytes of one fetched file, to be looked at where nothing can run them. It is on the record, as a download is.',
  method: 'GET',
  path: '/actions/{actionId}/tasks/{taskId}/evidence/{ordinal}/view',
  parameters: downloadFile.parameters,
  query: z.strictObject({
    offset: z.coerce.number<number>().int().min(0).max(farthestView).default(0),
    length: z.coerce.number<number>().int().min(1).max(longestView).default(4_096),
    reason,
  }),
  body: null,
  status: 200,
  reply: z
    .object({
      name: shownPath,
      size: z.int().nullable(),
      offset: z.int(),
      bytes: z.base64().meta({ description: 'Fewer than were asked for at the end of the file.' }),
    })
    .meta({ id: 'FileView' }),
} as const satisfies Contract;

const subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('action'), id: actionId }),
  z.strictObject({ kind: z.literal('incident'), id: z.string().min(1).max(64).meta({ description: 'Id or GUID.' }) }),
  z.strictObject({ kind: z.literal('file'), id: guid }),
]);

export const exportBundle = {
  name: 'exportBundle',
  summary:
    'A bundle that proves what happened to a subject, to be checked without a server (`custody verify`): a ZIP with its events and their proofs, agents’ signed reports, the files that were fetched, and a report for people. Needs the permission `events.read` as well, and for an incident `incidents.read`.',
  method: 'POST',
  keyless: 'each export is an event of its own, and is told in the bundle',
  path: '/bundles',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      subject,
      evidence: z.boolean().default(true).meta({
        description: 'False leaves the files themselves out; what they are, and where from, is told in any case.',
      }),
      password: z.string().min(1).max(128).optional().meta({
        description: 'Encrypts what is in the ZIP with AES-256, so that no scanner on the way takes a file away.',
      }),
      reason,
    })
    .meta({ id: 'BundleRequest' }),
  status: 200,
  reply: { mediaType: 'application/zip' },
} as const satisfies Contract;
