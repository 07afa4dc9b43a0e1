import { z } from 'zod';
import { verbWords } from '../../words/statuses.ts';

const verbs = Object.keys(verbWords).filter((verb): verb is keyof typeof verbWords => verb in verbWords);

export const actionsSearch = z.object({
  verb: z.enum(verbs).optional().catch(undefined),
  incident: z.string().optional().catch(undefined),
});

export type ActionsSearch = z.infer<typeof actionsSearch>;
