import { z } from 'zod';

export const presences = ['connected', 'disconnected', 'lost'] as const;
export const orders = ['hostName', 'lastSeen', 'enrolledAt'] as const;

/** What the address of the page holds: it can be sent to somebody else, and shows them the same. */
export const endpointsSearch = z.object({
  host: z.string().optional().catch(undefined),
  tag: z.string().optional().catch(undefined),
  presence: z.enum(presences).optional().catch(undefined),
  order: z.enum(orders).optional().catch(undefined),
  direction: z.enum(['ascending', 'descending']).optional().catch(undefined),
});

export type EndpointsSearch = z.infer<typeof endpointsSearch>;
