import { z } from 'zod';

/** What the address of the page holds. */
export const auditSearch = z.object({});
