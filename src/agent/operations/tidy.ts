import type { TaskId } from '#core/action/action-id.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import { verifyObject } from '../vault/object.ts';
import {
  allObjects,
  allPartials,
  allRecords,
  objectFile,
  partialFile,
  readRecord,
  recordOf,
  type VaultRecord,
  writeRecord,
} from '../vault/record.ts';
import { removeLeftoverStages, removeStageOfPartial } from './leftover-stages.ts';
import { quarantine } from './quarantine.ts';
import { restore } from './restore.ts';
import type { VaultRoom } from './room.ts';

/**
 * Before the first task of an agent's life: makes a record for every object that has lost its own, removes what was being
 * written or should be gone, and brings to rest what a task left half done that was given up as interrupted. Tasks that are
 * still open tidy up after themselves.
 * @returns what was done, in words for the log.
 */
export async function tidy(room: VaultRoom, openTasks: readonly TaskId[]): Promise<readonly string[]> {
  const open = new Set(openTasks);
  const notes: string[] = [];
  // First, for it touches the vault alone: a file system that is dead may hold up all that follows.
  for (const object of allObjects(room.vault).filter((each) => readRecord(room.vault, each) === undefined)) {
    notes.push(...(await rebuild(room, object, open)));
  }
  for (const record of allRecords(room.vault)) {
    notes.push(...(await settle(room, record, open)));
  }
  for (const object of partialsWithoutRecord(room)) {
    notes.push(...(await removeStageOfPartial(room, object)));
  }
  removeLeftovers(room, open);
  for (const record of allRecords(room.vault).filter((each) => !isOfOpenTask(each, open))) {
    notes.push(...removeLeftoverStages(room, record));
  }
  return notes;
}

function isOfOpenTask({ taskId, progress }: VaultRecord, open: ReadonlySet<TaskId>): boolean {
  return open.has(taskId) || ('taskId' in progress && open.has(progress.taskId));
}

function partialsWithoutRecord({ vault }: VaultRoom): readonly VaultObjectId[] {
  return allPartials(vault).filter((each) => readRecord(vault, each) === undefined);
}

async function settle(room: VaultRoom, record: VaultRecord, open: ReadonlySet<TaskId>): Promise<readonly string[]> {
  const { progress, taskId, path, sha256, vaultObject } = record;
  if (progress.state === 'taking' && !open.has(taskId)) {
    const { outcome } = await quarantine(room, { taskId, path, sha256, overrideProtection: false, settle: true });
    return [`the quarantine ${vaultObject} that had been given up was settled: ${outcome}`];
  }
  if (progress.state === 'returning' && !open.has(progress.taskId)) {
    const ifOccupied = progress.displaced === null ? 'fail' : 'swap';
    const job = { taskId: progress.taskId, sha256, vaultObject, to: null, ifOccupied, settle: true } as const;
    const endings = await restore(room, job);
    return [`the restore of ${vaultObject} that had been given up was settled: ${endings.map((each) => each.outcome)}`];
  }
  return [];
}

/** What was being written by nobody any more, and objects of files that are back or were deleted. */
function removeLeftovers(room: VaultRoom, open: ReadonlySet<TaskId>): void {
  const { vault } = room;
  for (const object of partialsWithoutRecord(room)) {
    removeOwnFile(partialFile(vault, object));
  }
  for (const object of allObjects(vault)) {
    const progress = readRecord(vault, object)?.progress;
    const isOver = progress?.state === 'restored' || progress?.state === 'purged';
    if (isOver && !open.has(progress.taskId)) {
      removeOwnFile(objectFile(vault, object));
    }
  }
}

/** The records of open tasks are their own to make again. */
async function rebuild(room: VaultRoom, object: VaultObjectId, open: ReadonlySet<TaskId>): Promise<readonly string[]> {
  try {
    const metadata = await verifyObject(objectFile(room.vault, object), room.keys.identity, room.progress);
    if (open.has(metadata.taskId)) {
      return [];
    }
    writeRecord(room.vault, recordOf(metadata, { state: 'held' }));
    return [`the record of vault object ${object} was made again from the object`];
  } catch (failure) {
    return [`vault object ${object} cannot be read: ${failure instanceof Error ? failure.message : String(failure)}`];
  }
}
