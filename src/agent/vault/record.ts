import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { type OutcomeDetails, outcomeDetailsSchema } from '#core/outcome-details.ts';
import { listOwnFiles, readOwnFile, removeOwnFile, replaceOwnFile } from '../platform/own-files.ts';
import { canonicalJson, encodedPathSchema, type Metadata, nodeIdSchema } from './metadata.ts';

/**
 * Where one quarantined file stands, in `vault/<uuid>.json`. The object beside it holds all that cannot be lost; a
 * record that is gone is made again from it.
 *
 *   taking     the object is about to be complete; the original is at its place or in the stage directory
 *   held       the object is the file
 *   returning  a complete copy is in the stage directory, or already at its place
 *   restored   the file is back, or at `target`; a tombstone, the object is gone
 *   purged     deleted for good; a tombstone
 */
const progressSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('taking'), stage: nodeIdSchema, original: nodeIdSchema }),
  z.object({ state: z.literal('held') }),
  z.object({
    state: z.literal('returning'),
    taskId: taskIdSchema,
    /** Where it goes: its own path, or another. */
    target: encodedPathSchema,
    /** The object that whatever had the target's name is taken into first. */
    displaced: vaultObjectIdSchema.nullable(),
    stage: nodeIdSchema,
    copy: nodeIdSchema,
    losses: z.array(z.string()),
  }),
  z.object({
    state: z.literal('restored'),
    taskId: taskIdSchema,
    target: encodedPathSchema,
    displaced: vaultObjectIdSchema.nullable(),
    /** Milliseconds since 1970. */
    at: z.number().int().nonnegative(),
    losses: z.array(z.string()),
  }),
  z.object({ state: z.literal('purged'), taskId: taskIdSchema, at: z.number().int().nonnegative() }),
]);

export const vaultRecordSchema = z.object({
  v: z.literal(1),
  vaultObject: vaultObjectIdSchema,
  taskId: taskIdSchema,
  path: encodedPathSchema,
  sha256: sha256Schema,
  size: z.number().int().nonnegative(),
  takenAt: z.number().int().nonnegative(),
  /** What was told, or is to be told, of the taking; the first agents kept none. */
  details: outcomeDetailsSchema.default({}),
  progress: progressSchema,
});

export type VaultRecord = z.infer<typeof vaultRecordSchema>;

/** One object per task and path, named after both: a recovery needs no note to find it, and one task takes many files. */
export function vaultObjectOf(taskId: TaskId, file: FilePath): VaultObjectId {
  const digest = createHash('sha256').update(taskId).update(file).digest();
  /** The version for ids of one's own making and the variant, as RFC 9562, section 5.8, has them. */
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return vaultObjectIdSchema.parse(groups.join('-'));
}

export function objectFile(vault: string, id: VaultObjectId): string {
  return path.join(vault, `${id}.age`);
}

/** An object that is still being written; never complete. */
export function partialFile(vault: string, id: VaultObjectId): string {
  return path.join(vault, `${id}.part`);
}

function recordFile(vault: string, id: VaultObjectId): string {
  return path.join(vault, `${id}.json`);
}

/** Undefined when there is none, or none that can be read. */
export function readRecord(vault: string, id: VaultObjectId): VaultRecord | undefined {
  const text = readOwnFile(recordFile(vault, id));
  return text === undefined ? undefined : parseRecord(text);
}

/** Durable when it returns. */
export function writeRecord(vault: string, record: VaultRecord): void {
  replaceOwnFile(recordFile(vault, record.vaultObject), canonicalJson(record));
}

export function removeRecord(vault: string, id: VaultObjectId): void {
  removeOwnFile(recordFile(vault, id));
}

/** Oldest first. */
export function allRecords(vault: string): readonly VaultRecord[] {
  return idsOf(vault, '.json')
    .flatMap((id) => readRecord(vault, id) ?? [])
    .toSorted((one, other) => one.takenAt - other.takenAt);
}

/** The objects that exist as complete files. */
export function allObjects(vault: string): readonly VaultObjectId[] {
  return idsOf(vault, '.age');
}

/** What is being written, complete or not. */
export function allPartials(vault: string): readonly VaultObjectId[] {
  return idsOf(vault, '.part');
}

export function recordOf(metadata: Metadata, progress: VaultRecord['progress']): VaultRecord {
  const { vaultObject, taskId, path: from, sha256, size, takenAt, links } = metadata;
  const details: OutcomeDetails = links > 1 ? { links } : {};
  return { v: 1, vaultObject, taskId, path: from, sha256, size, takenAt, details, progress };
}

function idsOf(vault: string, suffix: string): readonly VaultObjectId[] {
  return listOwnFiles(vault).flatMap((name) => {
    const id = vaultObjectIdSchema.safeParse(name.endsWith(suffix) ? name.slice(0, -suffix.length) : '');
    return id.success ? [id.data] : [];
  });
}

/** Undefined when the text is no record. */
export function parseRecord(text: string): VaultRecord | undefined {
  try {
    return vaultRecordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
