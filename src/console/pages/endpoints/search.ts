import { z } from 'zod';

const presences = ['connected', 'disconnected', 'lost'] as const;
export const platforms = ['linux', 'macos', 'windows'] as const;
export const orders = ['hostName', 'lastSeen', 'enrolledAt'] as const;
/** Those that the fleet is listed without. */
const asides = ['archived', 'revoked'] as const;
export const endpointTabs = ['facts', 'files', 'vault', 'actions', 'record'] as const;
/** What is shown instead of the fleet. */
const views = ['enrolment'] as const;

/** What the address of the page holds: it can be sent to somebody else, and shows them the same. */
export const endpointsSearch = z.object({
  view: z.enum(views).optional().catch(undefined),
  host: z.string().optional().catch(undefined),
  alias: z.string().optional().catch(undefined),
  tag: z.string().optional().catch(undefined),
  user: z.string().optional().catch(undefined),
  address: z.string().optional().catch(undefined),
  presence: z.enum(presences).optional().catch(undefined),
  aside: z.enum(asides).optional().catch(undefined),
  platform: z.enum(platforms).optional().catch(undefined),
  order: z.enum(orders).optional().catch(undefined),
  direction: z.enum(['ascending', 'descending']).optional().catch(undefined),
});

export type EndpointsSearch = z.infer<typeof endpointsSearch>;

export const endpointSearch = z.object({
  tab: z.enum(endpointTabs).optional().catch(undefined),
  /** Part of a path in its inventory. */
  file: z.string().optional().catch(undefined),
});

export type EndpointTab = (typeof endpointTabs)[number];
