import { z } from 'zod';
import { day, hour, type Milliseconds } from '../time.ts';
import { type Verb, verbs } from './verb.ts';

/** How long an order waits for its endpoint; an agent's memory of what it did outlasts the longest (promises P32, P34). */
export const lifetimeBounds = { least: hour, most: 30 * day } as const;

/** What was set, by verb. */
export type SetLifetimes = Readonly<Partial<Record<Verb, Milliseconds>>>;

const lifetimeSchema = z.number().int().min(lifetimeBounds.least).max(lifetimeBounds.most);

export const setLifetimesSchema: z.ZodType<SetLifetimes> = z.partialRecord(z.enum(verbs), lifetimeSchema);
