import { z } from 'zod';

/** What the address of the page holds. */
export const incidentsSearch = z.object({});
