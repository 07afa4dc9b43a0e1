import { z } from 'zod';
import { principalKinds } from '#core/access/principal.ts';
import { verbs } from '#core/action/verb.ts';
import { type Contract, nothing } from './contract.ts';
import { givenReason, instant } from './values.ts';

/** Who halted what takes and deletes, when and why. */
export const engagedStop = z
  .object({
    engagedAt: instant,
    by: z.object({ kind: z.enum(principalKinds), id: z.string(), name: z.string() }),
    reason: z.string(),
  })
  .meta({ id: 'EngagedStop' });

const emergencyStop = z
  .object({
    stop: engagedStop.nullable().meta({ description: 'Null: nothing is halted.' }),
    halts: z.array(z.enum(verbs)).meta({
      description: 'What it halts while it is engaged. All else goes on: restores, searches, scans, cancelling.',
    }),
    agents: z
      .object({
        connected: z.int(),
        confirmed: z.int().meta({
          description: 'They have the stop as it stands now on disk, and keep to it over a restart.',
        }),
        tooOld: z.int().meta({
          description: 'Of a build that does not know it: what they were handed before, they may still begin.',
        }),
      })
      .meta({
        id: 'StopHearing',
        description:
          'Of the agents that are connected to the server that answers. One that is away hears of it when it connects, before any order.',
      }),
  })
  .meta({ id: 'EmergencyStop' });

const body = z.strictObject({ reason: givenReason });
const example = { reason: 'A system library was blocked by mistake.' };

export const readEmergencyStop = {
  name: 'readEmergencyStop',
  summary: 'Whether what takes files and what deletes them is halted in the whole fleet.',
  method: 'GET',
  path: '/emergency-stop',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: emergencyStop,
} as const satisfies Contract;

export const engageEmergencyStop = {
  name: 'engageEmergencyStop',
  summary: 'Halts, in the whole fleet, what takes files from endpoints and what deletes them.',
  description:
    'New orders are recorded and wait, and their deadlines run on. Agents begin none that they have, and no next file of one; a file that is begun is brought to its end. It holds over restarts, for every server, until it is released. One that is engaged stays as it is.',
  method: 'POST',
  path: '/emergency-stop/engage',
  parameters: nothing,
  query: nothing,
  body: body.meta({ id: 'EngagingStop' }),
  example,
  status: 200,
  reply: emergencyStop,
} as const satisfies Contract;

export const releaseEmergencyStop = {
  name: 'releaseEmergencyStop',
  summary: 'Lets go on what was halted: what waited leaves, where its deadline has not passed.',
  description: 'Cancel first what must not happen any more.',
  method: 'POST',
  path: '/emergency-stop/release',
  parameters: nothing,
  query: nothing,
  body: body.meta({ id: 'ReleasingStop' }),
  example: { reason: 'The order was cancelled.' },
  status: 200,
  reply: emergencyStop,
} as const satisfies Contract;
