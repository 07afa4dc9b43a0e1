import { z } from 'zod';
import { filePathSchema } from '../file/file-path.ts';
import { md5Schema, sha1Schema, sha256Schema } from '../file/hash.ts';
import { vaultObjectIdSchema } from '../file/vault-object-id.ts';
import { actionIdSchema, taskIdSchema } from './action-id.ts';

export const verbs = [
  'fetch',
  'quarantine',
  'restore',
  'restore_objects',
  'undo',
  'plan',
  'purge',
  'search',
  'logs',
  'scan',
] as const;

export type Verb = (typeof verbs)[number];

/** How many files one task may name; bounds what an agent must hold for one order. */
const longestFileList = 20_000;
/** How many files one search may find. */
export const mostFound = 10_000;

const fetchedFileSchema = z.object({
  path: filePathSchema,
  /** Where the file is taken from: this vault object, which stays in the vault; null: the path. */
  vaultObject: vaultObjectIdSchema.nullable(),
  /** What the server last knew of the file. The bytes as they are now are delivered, and both hashes are told. */
  indexedSha256: sha256Schema.nullable(),
});

const fetchSchema = z.object({
  verb: z.literal('fetch'),
  /** An outcome's `ordinal` is the index in this list. */
  files: z.array(fetchedFileSchema).min(1).max(longestFileList),
});

const quarantineSchema = z
  .object({
    verb: z.literal('quarantine'),
    /** Null: every copy with this hash under the roots that the agent inventories. */
    path: filePathSchema.nullable(),
    /**
     * The agent hashes first and touches nothing when this differs (promise P2). Null, only with a path: whichever file stands
     * there when the agent begins; what it was, the outcome tells.
     */
    sha256: sha256Schema.nullable(),
    /** Takes protected files too (promise P14). */
    overrideProtection: z.boolean(),
  })
  .refine(({ path, sha256 }) => path !== null || sha256 !== null, 'must name a path, a hash or both');

export const occupiedPolicies = ['fail', 'keep_both', 'swap'] as const;

/** What a restore does when something has the file's name: nothing, another name beside it, or the occupant goes into the vault. */
export type OccupiedPolicy = (typeof occupiedPolicies)[number];

const restoreSchema = z.object({
  verb: z.literal('restore'),
  /** Every copy with this hash in the endpoint's vault goes back to where it was. */
  sha256: sha256Schema,
  /** Only this one; null: every copy. */
  vaultObject: vaultObjectIdSchema.nullable(),
  /** To this path instead of where it was. More than one copy cannot go there. */
  to: filePathSchema.nullable(),
  ifOccupied: z.enum(occupiedPolicies),
});

/** How many vault objects one task may name; bounds order and report alike. */
export const mostObjects = 10_000;

/**
 * Just these objects go back, each as it was decided for it. A verb of its own, so that an agent that does not know it refuses it,
 * and never gives back whatever else has the hash.
 */
const restoreObjectsSchema = z.object({
  verb: z.literal('restore_objects'),
  /** Of all of them. */
  sha256: sha256Schema,
  objects: z
    .array(
      z.object({
        vaultObject: vaultObjectIdSchema,
        /** To this path instead of where it was. */
        to: filePathSchema.nullable(),
        ifOccupied: z.enum(occupiedPolicies),
      }),
    )
    .min(1)
    .max(mostObjects),
});

/** What a restore would meet is found out, object by object, and nothing is changed. */
const planSchema = z.object({
  verb: z.literal('plan'),
  sha256: sha256Schema,
  /** Only this one; null: every copy. */
  vaultObject: vaultObjectIdSchema.nullable(),
  /** To this path instead of where each was. */
  to: filePathSchema.nullable(),
});

/**
 * Everything that one quarantine took on this endpoint goes back to where it was. A verb of its own: an agent that does not know it
 * refuses it, where a field that it does not know would be passed over, and more be given back than was meant.
 */
const undoSchema = z.object({
  verb: z.literal('undo'),
  /** The quarantine, and its task on this endpoint. Where that has not begun it never does. */
  actionId: actionIdSchema,
  taskId: taskIdSchema,
  ifOccupied: z.enum(occupiedPolicies),
});

const purgeSchema = z.object({
  verb: z.literal('purge'),
  /** What the vault holds with this hash is deleted for good. */
  sha256: sha256Schema,
  /**
   * Only this one, or these; null: every copy. Several are a list in its place, not beside it: an agent that does not know of them cannot
   * read the order and refuses it, where it would pass over a field that it does not know, and delete more than was meant.
   */
  vaultObject: z.union([vaultObjectIdSchema, z.array(vaultObjectIdSchema).min(1).max(mostObjects)]).nullable(),
});

export const longestGlob = 4_096;
export const longestRegex = 1_024;

/** What a search looks for. Globs and regular expressions match the display form of the whole path. */
export const searchPatternSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('sha256'), sha256: sha256Schema }),
  z.object({ by: z.literal('sha1'), sha1: sha1Schema }),
  z.object({ by: z.literal('md5'), md5: md5Schema }),
  z.object({ by: z.literal('path'), path: filePathSchema }),
  /** `*` within a component, `**` across them, `?`, `[...]`. */
  z.object({ by: z.literal('glob'), glob: z.string().min(1).max(longestGlob) }),
  z.object({ by: z.literal('regex'), regex: z.string().min(1).max(longestRegex) }),
]);

export type SearchPattern = z.infer<typeof searchPatternSchema>;

export const searchParametersSchema = z.object({
  verb: z.literal('search'),
  pattern: searchPatternSchema,
  /** True: walks the file system now; false: asks the agent's index. */
  live: z.boolean(),
  /** A live search begins here; null: at the agent's roots. */
  under: filePathSchema.nullable(),
  limit: z.number().int().min(1).max(mostFound),
});

/** The agent's own log, and nothing else: no path can be named, so that it is no way around an owner's policy. */
const logsSchema = z.object({ verb: z.literal('logs') });

/** The agent looks at all its roots anew, and tells of what has changed before it says that it is done. */
const scanSchema = z.object({ verb: z.literal('scan') });

/** How many files a `logs` task sends: the current one, and the one before. */
export const mostLogFiles = 2;

/** What one task asks of one endpoint: the signed part of an order that differs per verb. */
export const taskParametersSchema = z.discriminatedUnion('verb', [
  fetchSchema,
  quarantineSchema,
  restoreSchema,
  restoreObjectsSchema,
  undoSchema,
  planSchema,
  purgeSchema,
  searchParametersSchema,
  logsSchema,
  scanSchema,
]);

export type TaskParameters = z.infer<typeof taskParametersSchema>;
export type FetchParameters = z.infer<typeof fetchSchema>;
export type QuarantineParameters = z.infer<typeof quarantineSchema>;
export type RestoreParameters = z.infer<typeof restoreSchema>;
export type RestoreObjectsParameters = z.infer<typeof restoreObjectsSchema>;
export type PlanParameters = z.infer<typeof planSchema>;
export type UndoParameters = z.infer<typeof undoSchema>;
export type PurgeParameters = z.infer<typeof purgeSchema>;
export type SearchParameters = z.infer<typeof searchParametersSchema>;
