import { z } from 'zod';
import { eventTypes } from '#core/custody/event.ts';
import { type Contract, eventStream, nothing } from './contract.ts';
import { limit } from './paging.ts';
import { actionId, actor, endpointId, guid, incidentId, instant } from './values.ts';

const json = z.json().meta({ id: 'Json' });

export const custodyEvent = z
  .object({
    sequence: z.int().meta({ description: '1, 2, 3 ... with no gap.' }),
    type: z.enum(eventTypes),
    at: instant,
    actor,
    actionId: actionId.nullable(),
    endpointId: endpointId.nullable(),
    incidentId: z.string().nullable(),
    facts: z.record(z.string(), json),
  })
  .meta({ id: 'Event' });

const sequence = z.coerce.number<number>().int().min(0);

const filters = {
  type: z.array(z.enum(eventTypes)).optional(),
  actionId: actionId.optional(),
  endpointId: endpointId.optional(),
  incidentId: incidentId.optional().meta({ description: 'What was done to it, and to all that was ordered for it.' }),
  actor: z.string().min(1).max(1_024).optional().meta({ description: 'Name of whoever caused it, exactly.' }),
};

export const listEvents = {
  name: 'listEvents',
  summary: 'Custody events in their order, from the first one after a sequence number; or the newest first.',
  method: 'GET',
  path: '/events',
  parameters: nothing,
  query: z.strictObject({
    after: sequence.default(0).meta({ description: 'Those with a higher number.' }),
    before: sequence.optional().meta({
      description:
        'Those with a lower number: of the newest first, what comes next is before the last one that was read.',
    }),
    direction: z.enum(['ascending', 'descending']).default('ascending').meta({
      description: '`descending`: the newest first.',
    }),
    ...filters,
    from: instant.optional(),
    to: instant.optional(),
    file: guid.optional().meta({
      description: 'Of every action that told how this file ended, without what other endpoints did in them.',
    }),
    limit,
  }),
  body: null,
  status: 200,
  reply: z.object({ items: z.array(custodyEvent) }).meta({ id: 'EventList' }),
} as const satisfies Contract;

export const followEvents = {
  name: 'followEvents',
  summary: 'Custody events as they are committed, without end, as server-sent events.',
  description:
    'Of each event, `id` is the number, `event` the type and `data` what `listEvents` has of it. It begins after `Last-Event-ID`, or else `after`, or else with what comes next; every 15 seconds a comment comes, with the number up to which all was told. It ends with `stream_ended`, whose data is a fault’s `code` and `detail`, when the server stops, or when whoever asked may ask no longer, or may see something else. Come again with the last `id`: none is missed or told twice.',
  method: 'GET',
  path: '/events/stream',
  parameters: nothing,
  query: z.strictObject({ after: sequence.optional(), ...filters }),
  body: null,
  status: 200,
  reply: eventStream,
} as const satisfies Contract;
