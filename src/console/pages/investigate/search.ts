import { z } from 'zod';
import { sourceNames } from './source-names.ts';

const operators = ['contains', 'is', 'is_like'] as const;

const chip = z.object({
  field: z.string().min(1).max(64),
  operator: z.enum(operators),
  // The address may hold digits as a number.
  value: z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1).max(4_096)),
});

const chips = z.array(chip).max(50);

/** The address of the page holds the whole query: whoever is sent it sees the same. */
export const investigateSearch = z.object({
  in: z.enum(sourceNames).optional().catch(undefined),
  where: chips.optional().catch(undefined),
  /** The action of a live search whose finds are followed. */
  live: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^\d{1,40}$/))
    .optional()
    .catch(undefined),
});

/** A query that somebody gave a name. */
export const savedQuerySchema = z.object({ name: z.string().min(1).max(200), in: z.enum(sourceNames), where: chips });

export type SavedQuery = Readonly<z.infer<typeof savedQuerySchema>>;
export type Chip = Readonly<z.infer<typeof chip>>;
export type Operator = Chip['operator'];
