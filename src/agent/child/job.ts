import { z } from 'zod';
import { taskIdSchema } from '#core/action/action-id.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { reportedFileSchema } from '#wire/report.ts';

const vaultSchema = z.object({
  vault: z.string(),
  keys: z.object({ identity: z.string(), recipient: z.string(), recoveryRecipient: z.string() }),
  own: z.array(z.string()),
});

const fileToCaptureSchema = z.object({ ordinal: z.number().int().nonnegative(), path: filePathSchema });

/** What a child is asked to do; the first frame on its standard input. */
export const jobSchema = z.discriminatedUnion('kind', [
  vaultSchema.extend({
    kind: z.literal('quarantine'),
    taskId: taskIdSchema,
    path: filePathSchema,
    sha256: sha256Schema,
    settle: z.boolean(),
  }),
  vaultSchema.extend({
    kind: z.literal('restore'),
    taskId: taskIdSchema,
    sha256: sha256Schema,
    settle: z.boolean(),
  }),
  z.object({ kind: z.literal('capture'), spool: z.string(), files: z.array(fileToCaptureSchema).min(1) }),
  /** Makes the vault's records whole again before any task runs. */
  vaultSchema.extend({ kind: z.literal('tidy'), openTasks: z.array(taskIdSchema) }),
  z.object({
    kind: z.literal('inventory'),
    database: z.string(),
    roots: z.array(filePathSchema),
    skip: z.array(z.string()),
  }),
]);

export type Job = z.infer<typeof jobSchema>;
export type FileToCapture = z.infer<typeof fileToCaptureSchema>;
export type VaultPart = z.infer<typeof vaultSchema>;

const endingSchema = reportedFileSchema.omit({ ordinal: true });

/** What became of one file of a fetch in the child: captured into the spool, or at its end already. */
export const spooledSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('captured'),
    ordinal: z.number().int().nonnegative(),
    path: filePathSchema,
    sha256: sha256Schema,
    size: z.number().int().nonnegative(),
    losses: z.array(z.string()),
  }),
  z.object({ state: z.literal('ended'), file: reportedFileSchema }),
]);

export type Spooled = z.infer<typeof spooledSchema>;

/** What a child says on its standard output. */
export const childMessageSchema = z.discriminatedUnion('type', [
  /** Still alive and moving. */
  z.object({ type: z.literal('progress') }),
  z.object({ type: z.literal('endings'), endings: z.array(endingSchema) }),
  z.object({ type: z.literal('spooled'), files: z.array(spooledSchema) }),
  z.object({ type: z.literal('tidied'), notes: z.array(z.string()) }),
  z.object({
    type: z.literal('scanned'),
    changed: z.number(),
    unreadable: z.number(),
    milliseconds: z.number(),
    notes: z.array(z.string()),
  }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

export type ChildMessage = z.infer<typeof childMessageSchema>;

/** What the inventory child is asked for, any number of times after its job. */
export const scanRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('scan') }),
  z.object({ type: z.literal('look'), paths: z.array(filePathSchema) }),
]);

export type ScanRequest = z.infer<typeof scanRequestSchema>;

/** What must be so before a child does anything: its parent still lives. */
export const startSchema = z.object({ parent: z.number().int(), job: jobSchema });
