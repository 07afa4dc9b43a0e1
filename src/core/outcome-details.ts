import { z } from 'zod';
import { restoreFindings } from './action/restore-finding.ts';
import { longestPath } from './file/file-path.ts';
import { sha256Schema } from './file/hash.ts';
import { vaultObjectIdSchema } from './file/vault-object-id.ts';

/** A running program: its number alone could be another's by the time that it is read. */
export const runningProcessSchema = z.object({
  pid: z.number().int().positive(),
  /** Milliseconds since 1970. */
  startedAt: z.number().int().nonnegative(),
});

export type RunningProcess = z.infer<typeof runningProcessSchema>;

/** How many running processes are told of one file. */
export const mostProcesses = 64;

/** No NUL: a store that keeps text cannot hold it. */
const text = z.string().regex(/^[^\0]*$/, 'must hold no NUL');
const line = text.max(4_096);
/** Each byte of a path may be shown as `\xNN`. */
const longestDisplay = 4 * longestPath;

/** The asked number of files, the time, the room in a report; or that the directory to begin at could not be opened. */
export const searchCuts = ['limit', 'time', 'report', 'no_folder'] as const;

export type SearchCut = (typeof searchCuts)[number];

/** What else an agent says of how one file ended. What does not apply is left out. */
export const outcomeDetailsSchema = z
  .object({
    /** Names that the same bytes have on their file system, this one included, when there are others. */
    links: z.number().int().min(2),
    /** Processes that run the file as their program, still, after it was taken. */
    running: z.array(runningProcessSchema).max(mostProcesses),
    /** What the server last knew of a file that was fetched, where the bytes are others now. */
    indexedSha256: sha256Schema,
    /** Where the bytes of a fetch came from, when it was not the path. */
    fromVault: vaultObjectIdSchema,
    /** Display form of where a restored file was, when it is somewhere else now. */
    originalPath: text.max(longestDisplay),
    /** The vault object that the occupant of a restored file's place went into. */
    displaced: vaultObjectIdSchema,
    /** What stands in the way of a restore, as a plan tells it. */
    finding: z.enum(restoreFindings),
    occupant: z.object({
      kind: z.enum(['file', 'directory', 'link', 'other']),
      size: z.number().int().nonnegative(),
      /** Decimal. */
      modifiedNs: z.string().regex(/^-?\d{1,20}$/),
      uid: z.number().int().nonnegative(),
    }),
    /** The name of the rule of the endpoint's own policy that denied this. */
    rule: line,
    /** The package that a protected file belongs to. */
    package: line,
    /** Decimal; of a file that a search found. */
    modifiedNs: z.string().regex(/^-?\d{1,20}$/),
    /** Whether a search found the file in the index, or on the disk just now. */
    live: z.boolean(),
    /** With the first file of a search: why it did not look at everything. */
    cut: z.enum(searchCuts),
  })
  .partial();

export type OutcomeDetails = z.infer<typeof outcomeDetailsSchema>;

/** What the end of a file's task did to the endpoint's vault; null: nothing. */
export const vaultEffects = ['taken', 'returned', 'purged'] as const;

export type VaultEffect = (typeof vaultEffects)[number];
