import { z } from 'zod';
import { statusWords, verbWords } from '../../words/statuses.ts';

const verbs = Object.keys(verbWords).filter((verb): verb is keyof typeof verbWords => verb in verbWords);
const statuses = Object.keys(statusWords).filter((status): status is keyof typeof statusWords => status in statusWords);

const text = z.string().min(1).optional().catch(undefined);

export const periods = ['day', 'week', 'month'] as const;

/** What the address of the page holds: whoever is sent it sees the same. */
export const actionsSearch = z.object({
  status: z.array(z.enum(statuses)).min(1).optional().catch(undefined),
  verb: z.enum(verbs).optional().catch(undefined),
  incident: text,
  /** Digits of an id. The address may hold them as a number. */
  id: z
    .union([z.string(), z.number()])
    .transform((digits) => String(digits))
    .pipe(z.string().regex(/^\d{1,40}$/))
    .optional()
    .catch(undefined),
  /** Id of an endpoint. */
  endpoint: text,
  /** Id of a person or a key. */
  by: text,
  /** Only with orders that wait to be confirmed anew. */
  unconfirmed: z.literal(true).optional().catch(undefined),
  within: z.enum(periods).optional().catch(undefined),
});

export type ActionsSearch = z.infer<typeof actionsSearch>;

/** Of one action's endpoints. */
export const actionSearch = z.object({
  there: z.enum(statuses).optional().catch(undefined),
  text,
});

export type ActionSearch = z.infer<typeof actionSearch>;
