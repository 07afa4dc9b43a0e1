import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { fleetActionKinds } from '#core/endpoint/fleet-action.ts';
import { type Contract, nothing } from './contract.ts';
import { limit, offset, total } from './paging.ts';
import { actionId, endpointId, instant, nullableInstant } from './values.ts';

const fleetAction = z
  .object({
    batchNumber: z.int(),
    kind: z.enum(fleetActionKinds),
    name: z.string().meta({ description: 'The word that was used: of what is not supported there are many.' }),
    actionId: actionId.nullable().meta({
      description: 'What agents must do: `readAction` says how far it is. Null: the server did it, and it is over.',
    }),
    principal: z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() }),
    createdAt: instant,
    endpointsCount: z.int(),
    done: z.int().meta({ description: 'Endpoints on which it is done; 0 where `actionId` says more.' }),
    failed: z.int().meta({ description: 'Endpoints on which it was not done; 0 where `actionId` says more.' }),
    cancelledAt: nullableInstant,
    cancelledBy: z.string().nullable(),
  })
  .meta({ id: 'FleetAction' });

const fleetActionRow = z
  .object({ endpointId, done: z.boolean(), message: z.string().meta({ description: 'Why, where it was not done.' }) })
  .meta({ id: 'FleetActionRow' });

export const listFleetActions = {
  name: 'listFleetActions',
  summary:
    'What single calls asked of many endpoints: archived, removed, their logs, and what was refused; newest first.',
  method: 'GET',
  path: '/fleet-actions',
  parameters: nothing,
  query: z.strictObject({ kind: z.array(z.enum(fleetActionKinds)).optional(), offset, limit }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(fleetAction), total }).meta({ id: 'FleetActionList' }),
} as const satisfies Contract;

export const readFleetAction = {
  name: 'readFleetAction',
  summary: 'One fleet action, and how each endpoint fared with what the server did by itself.',
  method: 'GET',
  path: '/fleet-actions/{batchNumber}',
  parameters: z.strictObject({ batchNumber: z.string().regex(/^-?[0-9]{1,10}$/) }),
  query: z.strictObject({ offset, limit }),
  body: null,
  status: 200,
  reply: fleetAction.extend({ rows: z.array(fleetActionRow), total }).meta({ id: 'FleetActionWithRows' }),
} as const satisfies Contract;
