import { z } from 'zod';
import { text } from './text.ts';

/**
 * Whom agents trust and where they find their server, signed with the order key under `custody-trust-v1`: a renewed
 * authority and another address reach the fleet without anybody touching an endpoint. Only a higher `sequence` replaces
 * what an agent has, so that an old one cannot be played again.
 */
export const trustSchema = z.object({
  v: z.literal(1),
  sequence: z.number().int().positive(),
  /** Base URLs, in the order in which they are tried. */
  servers: z.array(z.url().max(2_000)).min(1).max(16),
  /** PEM certificates of every authority that may sign a server's certificate. */
  authorities: z
    .array(text.max(64 * 1024))
    .min(1)
    .max(16),
});

export type Trust = z.infer<typeof trustSchema>;
