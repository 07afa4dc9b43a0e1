import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { actionId, endpointId, guid, instant, nullableInstant, sha256, shownPath } from './values.ts';

const quarantineStates = ['held', 'restored'] as const;

const quarantineRecord = z
  .object({
    vaultObject: z.string(),
    endpointId,
    guid: guid.meta({ description: 'GUID of the file that was taken.' }),
    path: shownPath,
    sha256,
    size: z.int(),
    state: z.enum(quarantineStates),
    actionId,
    quarantinedAt: instant,
    restoredAt: nullableInstant,
    restoredBy: actionId.nullable(),
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
    state: z.array(z.enum(quarantineStates)).optional(),
    offset,
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(quarantineRecord), total }).meta({ id: 'QuarantineList' }),
} as const satisfies Contract;
