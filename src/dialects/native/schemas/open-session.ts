import { z } from 'zod';
import { instant } from './values.ts';

/** A log-in that has not ended. */
export const openSession = z
  .object({
    id: z.string().meta({ description: 'Names it, and lets nobody in.' }),
    api: z.string().meta({ description: 'Where it was opened, and lets in.' }),
    remoteAddress: z.string().meta({ description: 'Of the log-in.' }),
    createdAt: instant,
    lastUsedAt: instant.meta({ description: 'To the minute.' }),
    expiresAt: instant,
    current: z.boolean().meta({ description: 'Whether this request carries it.' }),
  })
  .meta({ id: 'OpenSession' });
