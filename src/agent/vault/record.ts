import path from 'node:path';
import { z } from 'zod';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { type VaultObjectId, vaultObjectIdSchema } from '#core/file/quarantine-record.ts';
import { listOwnFiles, readOwnFile, removeOwnFile, replaceOwnFile } from '../platform/own-files.ts';
import { encodedPathSchema, type Metadata, nodeIdSchema } from './metadata.ts';

/**
 * Where one quarantined file stands, in `vault/<uuid>.json`. The object beside it holds all that cannot be lost; a
 * record that is gone is made again from it.
 *
 *   taking     the object is about to be complete; the original is at its place or in the stage directory
 *   held       the object is the file
 *   returning  a complete copy is in the stage directory, or already at its place
 *   restored   the file is back; a tombstone, the object is gone
 */
const progressSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('taking'), stage: nodeIdSchema, original: nodeIdSchema }),
  z.object({ state: z.literal('held') }),
  z.object({
    state: z.literal('returning'),
    taskId: taskIdSchema,
    stage: nodeIdSchema,
    copy: nodeIdSchema,
    losses: z.array(z.string()),
  }),
  z.object({
    state: z.literal('restored'),
    taskId: taskIdSchema,
    /** Milliseconds since 1970. */
    at: z.number().int().nonnegative(),
    losses: z.array(z.string()),
  }),
]);

export const vaultRecordSchema = z.object({
  v: z.literal(1),
  vaultObject: vaultObjectIdSchema,
  taskId: taskIdSchema,
  path: encodedPathSchema,
  sha256: sha256Schema,
  size: z.number().int().nonnegative(),
  takenAt: z.number().int().nonnegative(),
  progress: progressSchema,
});

export type VaultRecord = z.infer<typeof vaultRecordSchema>;

/** One object per quarantine task, under the task's own digits: a recovery needs no note to find it. */
export function vaultObjectOf(taskId: TaskId): VaultObjectId {
  const groups = [
    taskId.slice(0, 8),
    taskId.slice(8, 12),
    taskId.slice(12, 16),
    taskId.slice(16, 20),
    taskId.slice(20),
  ];
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
  const text = { ...record, path: Buffer.from(record.path).toString('base64') };
  replaceOwnFile(recordFile(vault, record.vaultObject), JSON.stringify(text));
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

export function recordOf(metadata: Metadata, progress: VaultRecord['progress']): VaultRecord {
  const { vaultObject, taskId, path: from, sha256, size, takenAt } = metadata;
  return { v: 1, vaultObject, taskId, path: from, sha256, size, takenAt, progress };
}

function idsOf(vault: string, suffix: string): readonly VaultObjectId[] {
  return listOwnFiles(vault).flatMap((name) => {
    const id = vaultObjectIdSchema.safeParse(name.endsWith(suffix) ? name.slice(0, -suffix.length) : '');
    return id.success ? [id.data] : [];
  });
}

function parseRecord(text: string): VaultRecord | undefined {
  try {
    return vaultRecordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
