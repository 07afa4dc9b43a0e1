import type { TaskId } from '#core/action/action-id.ts';
import type { VaultObjectId } from '#core/file/quarantine-record.ts';
import { verifyObject } from '../vault/object.ts';
import {
  allObjects,
  allRecords,
  objectFile,
  readRecord,
  recordOf,
  type VaultRecord,
  vaultObjectOf,
  writeRecord,
} from '../vault/record.ts';
import { quarantine } from './quarantine.ts';
import { restore } from './restore.ts';
import type { VaultRoom } from './room.ts';

/**
 * Before the first task of an agent's life: makes a record for every object that has lost its own, and brings to rest
 * what a task left half done that was given up as interrupted. Tasks that are still open tidy up after themselves.
 * @returns what was done, in words for the log.
 */
export async function tidy(room: VaultRoom, openTasks: readonly TaskId[]): Promise<readonly string[]> {
  const open = new Set(openTasks);
  const openObjects = new Set(openTasks.map(vaultObjectOf));
  const notes: string[] = [];
  for (const record of allRecords(room.vault)) {
    notes.push(...(await settle(room, record, open)));
  }
  for (const object of allObjects(room.vault)) {
    if (!openObjects.has(object) && readRecord(room.vault, object) === undefined) {
      notes.push(await rebuild(room, object));
    }
  }
  return notes;
}

async function settle(room: VaultRoom, record: VaultRecord, open: ReadonlySet<TaskId>): Promise<readonly string[]> {
  const { progress, taskId, path, sha256, vaultObject } = record;
  if (progress.state === 'taking' && !open.has(taskId)) {
    const { outcome } = await quarantine(room, { taskId, path, sha256, settle: true });
    return [`the quarantine ${vaultObject} that had been given up was settled: ${outcome}`];
  }
  if (progress.state === 'returning' && !open.has(progress.taskId)) {
    const endings = await restore(room, { taskId: progress.taskId, sha256, settle: true });
    return [`the restore of ${vaultObject} that had been given up was settled: ${endings.map((each) => each.outcome)}`];
  }
  return [];
}

async function rebuild(room: VaultRoom, object: VaultObjectId): Promise<string> {
  try {
    const metadata = await verifyObject(objectFile(room.vault, object), room.keys.identity, room.progress);
    writeRecord(room.vault, recordOf(metadata, { state: 'held' }));
    return `the record of vault object ${object} was made again from the object`;
  } catch (failure) {
    return `vault object ${object} cannot be read: ${failure instanceof Error ? failure.message : String(failure)}`;
  }
}
