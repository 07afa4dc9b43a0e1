import { z } from 'zod';
import { incidentStatuses, severities } from '../../words/incidents.ts';

/** Those that nobody has resolved, those that somebody has, or one status. */
export const statusChoices = ['open', 'resolved', ...incidentStatuses] as const;

/** What the address of the page holds: it can be sent to somebody else, and shows them the same. */
export const incidentsSearch = z.object({
  status: z.enum(statusChoices).optional().catch(undefined),
  severity: z.enum(severities).optional().catch(undefined),
  starred: z.boolean().optional().catch(undefined),
});

export type IncidentsSearch = z.infer<typeof incidentsSearch>;

export const incidentTabs = ['timeline', 'observed', 'comments'] as const;

export type IncidentTab = (typeof incidentTabs)[number];

export const incidentSearch = z.object({
  tab: z.enum(incidentTabs).optional().catch(undefined),
  /** The whole timeline, and not only what people follow. */
  all: z.boolean().optional().catch(undefined),
});
