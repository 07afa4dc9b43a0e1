import { z } from 'zod';
import { filePathSchema } from '../file/file-path.ts';
import { sha256Schema } from '../file/hash.ts';

export const verbs = ['fetch', 'quarantine', 'restore'] as const;

export type Verb = (typeof verbs)[number];

/** How many files one task may name; bounds what an agent must hold for one order. */
const longestFileList = 20_000;

const fetchSchema = z.object({
  verb: z.literal('fetch'),
  /** An outcome's `ordinal` is the index in this list. */
  files: z
    .array(z.object({ path: filePathSchema }))
    .min(1)
    .max(longestFileList),
});

const quarantineSchema = z.object({
  verb: z.literal('quarantine'),
  path: filePathSchema,
  /** The agent hashes first and touches nothing when this differs (promise P2). */
  sha256: sha256Schema,
});

const restoreSchema = z.object({
  verb: z.literal('restore'),
  /** Every copy with this hash in the endpoint's vault goes back to where it was. */
  sha256: sha256Schema,
});

/** What one task asks of one endpoint: the signed part of an order that differs per verb. */
export const taskParametersSchema = z.discriminatedUnion('verb', [fetchSchema, quarantineSchema, restoreSchema]);

export type TaskParameters = z.infer<typeof taskParametersSchema>;
export type FetchParameters = z.infer<typeof fetchSchema>;
export type QuarantineParameters = z.infer<typeof quarantineSchema>;
export type RestoreParameters = z.infer<typeof restoreSchema>;
