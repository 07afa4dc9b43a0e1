import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { eventTypes } from '#core/custody/event.ts';
import { type Contract, nothing } from './contract.ts';
import { limit } from './paging.ts';
import { actionId, endpointId, instant } from './values.ts';

const json = z.json().meta({ id: 'Json' });

export const custodyEvent = z
  .object({
    sequence: z.int().meta({ description: '1, 2, 3 ... with no gap.' }),
    type: z.enum(eventTypes),
    at: instant,
    actor: z.object({ kind: z.enum([...principalKinds, 'agent', 'server']), id: z.string(), name: z.string() }),
    actionId: actionId.nullable(),
    endpointId: endpointId.nullable(),
    incidentId: z.string().nullable(),
    facts: z.record(z.string(), json),
  })
  .meta({ id: 'Event' });

export const listEvents = {
  name: 'listEvents',
  summary: 'Custody events in their order, from the first one after a sequence number.',
  method: 'GET',
  path: '/events',
  parameters: nothing,
  query: z.strictObject({
    after: z.coerce.number<number>().int().min(0).default(0),
    type: z.array(z.enum(eventTypes)).optional(),
    actionId: actionId.optional(),
    endpointId: endpointId.optional(),
    actor: z.string().min(1).max(1_024).optional().meta({ description: 'Name of whoever caused it, exactly.' }),
    from: instant.optional(),
    to: instant.optional(),
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(custodyEvent) }).meta({ id: 'EventList' }),
} as const satisfies Contract;
