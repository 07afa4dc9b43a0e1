import { z } from 'zod';

/** How many frames a second each kind sends: 10,000 results, or 100 MiB of junk. */
export const rogueKinds = { results: { perSecond: 10_000 }, junk: { perSecond: 100 } } as const;

export type RogueKind = keyof typeof rogueKinds;

/** The first line that the rogue is told; the second one lets it begin, and the third one ends it. */
export const rogueCommandSchema = z.object({
  kind: z.enum(['results', 'junk']),
  url: z.string(),
  caPem: z.string(),
  token: z.string(),
});

/** The last line that it says: after how many milliseconds each of its connections was cut off, and how often it was refused. */
export const rogueEndedSchema = z.object({
  event: z.literal('ended'),
  cutOffs: z.array(z.number()),
  refusals: z.number(),
});

export type RogueEnded = z.infer<typeof rogueEndedSchema>;
