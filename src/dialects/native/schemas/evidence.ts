import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { actionId, taskId } from './values.ts';

export const downloadFile = {
  name: 'downloadFile',
  summary: 'The bytes of one fetched file, as an attachment.',
  method: 'GET',
  path: '/actions/{actionId}/tasks/{taskId}/evidence/{ordinal}',
  parameters: z.strictObject({ actionId, taskId, ordinal: z.coerce.number<number>().int().min(0).max(1_000_000) }),
  query: nothing,
  body: null,
  status: 200,
  reply: { mediaType: 'application/octet-stream' },
} as const satisfies Contract;

export const downloadAction = {
  name: 'downloadAction',
  summary: 'All files that a fetch has brought, as one ZIP.',
  method: 'GET',
  path: '/actions/{actionId}/evidence',
  parameters: z.strictObject({ actionId }),
  query: nothing,
  body: null,
  status: 200,
  reply: { mediaType: 'application/zip' },
} as const satisfies Contract;
