import { z } from 'zod';
import { actionIdSchema, taskIdSchema } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { outcomeReasons, outcomes } from '#core/outcome.ts';
import { outcomeDetailsSchema, vaultEffects } from '#core/outcome-details.ts';
import { limits } from './limits.ts';
import { text } from './text.ts';

export const reportedFileSchema = z.object({
  /** The file's index in the order's list; the other verbs number what they found, from 0. */
  ordinal: z.number().int().nonnegative().max(limits.reportFiles),
  outcome: z.enum(outcomes),
  reason: z.enum(outcomeReasons).nullable(),
  message: text.max(2_000),
  path: filePathSchema.nullable(),
  sha256: sha256Schema.nullable(),
  size: z.number().int().nonnegative().nullable(),
  vaultObject: vaultObjectIdSchema.nullable(),
  /** What became of the vault object. The server's record of the vault follows this, whatever the verb. */
  effect: z.enum(vaultEffects).nullable(),
  losses: z.array(text.max(500)).max(64),
  details: outcomeDetailsSchema,
});

export type ReportedFile = z.infer<typeof reportedFileSchema>;

/** How one task ended, in the agent's words; signed with the device key under `custody-report-v1`. */
export const reportSchema = z.object({
  v: z.literal(1),
  endpointId: endpointIdSchema,
  actionId: actionIdSchema,
  taskId: taskIdSchema,
  startedAt: z.number().int().nonnegative(),
  finishedAt: z.number().int().nonnegative(),
  files: z
    .array(reportedFileSchema)
    .min(1)
    .max(limits.reportFiles)
    .refine((files) => new Set(files.map(({ ordinal }) => ordinal)).size === files.length, 'must name each file once'),
});

export type Report = z.infer<typeof reportSchema>;
