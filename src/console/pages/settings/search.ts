import { z } from 'zod';

export const settingsSearch = z.object({
  list: z.enum(['block', 'allow']).optional().catch(undefined),
  /** Part of a hash or of a comment. */
  text: z.string().optional().catch(undefined),
});
