import { z } from 'zod';

/** What the bench tells its fleet, in a process of its own, as lines of JSON. */
export const fleetCommandSchema = z.discriminatedUnion('command', [
  z.object({
    command: z.literal('start'),
    kind: z.enum(['custody', 'bare']),
    agents: z.number().int(),
    url: z.string(),
    caPem: z.string(),
    /** For enrolment; empty for the bare transport. */
    token: z.string(),
    /** They stay, as a fleet does: with heartbeats, and so many files each. Left out: they are there for a measurement. */
    stay: z.object({ files: z.number().int() }).optional(),
  }),
  /** Connect so many agents more. */
  z.object({ command: z.literal('connect'), agents: z.number().int() }),
  /** Forget how many reports were recorded, and say when so many more have been. */
  z.object({ command: z.literal('expect'), recorded: z.number().int() }),
  z.object({ command: z.literal('stop') }),
]);

export type FleetCommand = z.infer<typeof fleetCommandSchema>;

/** `at` is milliseconds since 1970, with a fraction: both processes read one machine's clock. */
export const fleetEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('enrolled') }),
  z.object({ event: z.literal('connected') }),
  z.object({ event: z.literal('armed') }),
  z.object({ event: z.literal('recorded'), at: z.number() }),
]);

export type FleetEvent = z.infer<typeof fleetEventSchema>;

export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
