import { z } from 'zod';
import { taskIdSchema } from '#core/action/action-id.ts';
import { occupiedPolicies, searchParametersSchema } from '#core/action/verb.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { outcomeDetailsSchema } from '#core/outcome-details.ts';
import { reportedFileSchema } from '#wire/report.ts';
import { begins } from '../operations/may-begin.ts';
import { policySchema } from '../policy/policy.ts';

const vaultSchema = z.object({
  /** The vault's directory. */
  vault: z.string(),
  keys: z.object({ identity: z.string(), recipient: z.string(), recoveryRecipient: z.string() }),
  /** What belongs to the agent and is never taken. */
  own: z.array(z.string()),
  policy: policySchema,
});

const fileToCaptureSchema = z.object({
  ordinal: z.number().int().nonnegative(),
  path: filePathSchema,
  /** Taken from this vault object, which stays; null: from the path, or from the vault when the file went there. */
  vaultObject: vaultObjectIdSchema.nullable(),
  indexedSha256: sha256Schema.nullable(),
});

/** A run with `settle` begins nothing: it brings what an earlier run of the task left to a true end. */
const runSchema = vaultSchema.extend({ taskId: taskIdSchema, settle: z.boolean() });

/**
 * What a child is asked to do; the first frame on its standard input, inside a `startSchema`. A child may be killed at any
 * system call; the same job given to a new child goes on where that one stopped. Answers, one each and last:
 *
 *   quarantine  `endings` with one file
 *   copies      `copy` twice for each copy, before and after; then `endings` with all of them
 *   restore     `endings`, one per copy, and one for each file that was displaced
 *   undo        as restore, and so `restore_objects`
 *   plan        `endings`, one per copy, and nothing is changed
 *   purge       `endings`, one per object
 *   capture     `spooled`
 *   tidy        `tidied`
 *   scrub       `scrubbed`
 *
 * `halted` instead of any of them where a file was next that may not be begun now, and `failed` when the child's own code broke.
 */
export const jobSchema = z.discriminatedUnion('kind', [
  runSchema.extend({
    kind: z.literal('quarantine'),
    path: filePathSchema,
    sha256: sha256Schema.nullable(),
    overrideProtection: z.boolean(),
  }),
  /** A quarantine by hash: each copy that the index names. */
  runSchema.extend({
    kind: z.literal('copies'),
    sha256: sha256Schema,
    overrideProtection: z.boolean(),
    database: z.string(),
    except: z.array(filePathSchema),
  }),
  runSchema.extend({
    kind: z.literal('restore'),
    sha256: sha256Schema,
    vaultObject: vaultObjectIdSchema.nullable(),
    to: filePathSchema.nullable(),
    ifOccupied: z.enum(occupiedPolicies),
  }),
  runSchema.extend({
    kind: z.literal('restore_objects'),
    sha256: sha256Schema,
    objects: z.array(
      z.object({
        vaultObject: vaultObjectIdSchema,
        to: filePathSchema.nullable(),
        ifOccupied: z.enum(occupiedPolicies),
      }),
    ),
  }),
  runSchema.extend({
    kind: z.literal('plan'),
    sha256: sha256Schema,
    vaultObject: vaultObjectIdSchema.nullable(),
    to: filePathSchema.nullable(),
  }),
  runSchema.extend({
    kind: z.literal('undo'),
    undoes: taskIdSchema,
    ifOccupied: z.enum(occupiedPolicies),
  }),
  runSchema.extend({
    kind: z.literal('purge'),
    sha256: sha256Schema,
    vaultObject: z.union([vaultObjectIdSchema, z.array(vaultObjectIdSchema)]).nullable(),
  }),
  vaultSchema.extend({ kind: z.literal('capture'), spool: z.string(), files: z.array(fileToCaptureSchema).min(1) }),
  /** Makes the vault's records whole again before any task runs. */
  vaultSchema.extend({ kind: z.literal('tidy'), openTasks: z.array(taskIdSchema) }),
  /** Opens every object and says which no longer hold their file (promise P21). */
  vaultSchema.extend({ kind: z.literal('scrub') }),
  z.object({
    kind: z.literal('inventory'),
    database: z.string(),
    roots: z.array(filePathSchema),
    skip: z.array(z.string()),
    /** The descriptor of the agent's watcher in this process; null: nobody hears of changes. */
    watcher: z.number().int().nonnegative().nullable(),
  }),
  z.object({
    kind: z.literal('search'),
    database: z.string(),
    roots: z.array(filePathSchema),
    skip: z.array(z.string()),
    policy: policySchema,
    parameters: searchParametersSchema,
    /** How long it may look, in milliseconds; what was found until then is told. */
    patience: z.number().int().positive(),
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
    details: outcomeDetailsSchema,
  }),
  z.object({ state: z.literal('ended'), file: reportedFileSchema }),
]);

export type Spooled = z.infer<typeof spooledSchema>;

/** What a child says on its standard output. */
export const childMessageSchema = z.discriminatedUnion('type', [
  /** Still alive and moving. */
  z.object({ type: z.literal('progress') }),
  /** Whether the next file may be begun; a `mayBeginSchema` is the answer, and the child waits for it. */
  z.object({ type: z.literal('next') }),
  z.object({ type: z.literal('halted') }),
  z.object({ type: z.literal('endings'), endings: z.array(endingSchema) }),
  /** One copy of a quarantine by hash: begun while `ending` is null, then ended. */
  z.object({ type: z.literal('copy'), path: filePathSchema, ending: endingSchema.nullable() }),
  z.object({ type: z.literal('spooled'), files: z.array(spooledSchema) }),
  z.object({ type: z.literal('tidied'), notes: z.array(z.string()) }),
  z.object({ type: z.literal('scrubbed'), checked: z.number(), damaged: z.array(vaultObjectIdSchema) }),
  z.object({
    type: z.literal('scanned'),
    of: z.enum(['scan', 'look', 'large']),
    changed: z.number(),
    unreadable: z.number(),
    milliseconds: z.number(),
    notes: z.array(z.string()),
    isWatched: z.boolean(),
    /** Files that have changed and were not read, because that takes long: each is to be asked for. */
    large: z.array(filePathSchema),
  }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

export type ChildMessage = z.infer<typeof childMessageSchema>;

/** What the inventory child is asked for, any number of times after its job. */
export const scanRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('scan') }),
  z.object({ type: z.literal('look'), paths: z.array(filePathSchema) }),
  z.object({ type: z.literal('large'), path: filePathSchema }),
]);

export type ScanRequest = z.infer<typeof scanRequestSchema>;

/** The answer to `next`. */
export const mayBeginSchema = z.object({ mayBegin: z.enum(begins) });

/** What must be so before a child does anything: its parent still lives. `asks`: it answers each `next`; else every file may begin. */
export const startSchema = z.object({ parent: z.number().int(), job: jobSchema, asks: z.boolean().default(false) });
