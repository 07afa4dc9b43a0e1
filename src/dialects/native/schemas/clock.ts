import { z } from 'zod';
import { clockDoubtKinds } from '#core/ports/clock-guard.ts';
import { type Contract, nothing } from './contract.ts';
import { instant } from './values.ts';

/** Why and for how long the clock of a server's machine is not believed. */
export const clockDoubt = z
  .object({
    kind: z.enum(clockDoubtKinds).meta({
      description:
        '`jumped`: it was set while the machine ran, and the server goes on with the time that it knew; `absent`: the server was away for long, or the clock is wrong, and nothing expires yet by it.',
    }),
    aheadSeconds: z.int().meta({ description: 'Ahead of the time that is known to have passed; negative: behind it.' }),
    believedInSeconds: z.int().nonnegative().nullable().meta({
      description: 'When it is believed by itself if it stays as it is; null: somebody has to accept it.',
    }),
  })
  .meta({ id: 'ClockDoubt' });

export const acceptClock = {
  name: 'acceptClock',
  summary: 'Says that the clock of the machine is right on which the server runs that answers.',
  description:
    'For a clock that jumped, and is right now. What is overdue by it expires then, and what is old by it is deleted: that cannot be taken back. Where the clock is believed, nothing happens.',
  method: 'POST',
  keyless:
    'a clock is believed only after that was recorded, and an answer of before would say nothing of a later doubt',
  path: '/server/clock/accept',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ reason: z.string().trim().min(1).max(1_000) }).meta({ id: 'AcceptingClock' }),
  example: { reason: 'The machine was paused for a night.' },
  status: 200,
  reply: z
    .object({
      time: instant.meta({ description: 'By which the server goes now.' }),
      ended: clockDoubt.nullable().meta({ description: 'Null: the clock was believed.' }),
    })
    .meta({ id: 'AcceptedClock' }),
} as const satisfies Contract;
