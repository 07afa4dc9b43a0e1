import type { VaultObjectId } from '#core/file/quarantine-record.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import type { Place } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { objectFile, partialFile, removeRecord, type VaultRecord, writeRecord } from '../vault/record.ts';
import { hashOf } from './content.ts';
import { Ended } from './ending.ts';
import type { HandleScope } from './handle-scope.ts';
import { pinIfPresent } from './pinned.ts';
import type { VaultRoom } from './room.ts';
import { isSameNode, nodeId, removeStage, type Stage } from './stage.ts';

/** Whether the staged file is the one that the record names, with the bytes that the vault holds. */
export function isCaptureRight(
  room: VaultRoom,
  scope: HandleScope,
  { stage, record }: { readonly stage: Stage; readonly record: VaultRecord },
): boolean {
  const captured = pinIfPresent(room.platform, scope, stage.entry);
  if (captured?.facts.kind !== 'file' || record.progress.state !== 'taking') {
    return false;
  }
  if (!isSameNode(nodeId(captured.facts), record.progress.original)) {
    return false;
  }
  return hashOf(scope.keep(room.platform.openPinned(captured.pin)), room.progress).sha256 === record.sha256;
}

/** The commit: the record says `held` before the original goes. */
export function commitQuarantine(room: VaultRoom, stage: Stage | undefined, record: VaultRecord): VaultRecord {
  const held: VaultRecord = { ...record, progress: { state: 'held' } };
  writeRecord(room.vault, held);
  if (stage !== undefined) {
    discardStaged(room, stage);
  }
  return held;
}

export function discardStaged(room: VaultRoom, stage: Stage): void {
  removeIfPresent(room, stage.entry);
  removeStage(room.platform, stage);
}

/**
 * Back to its name, or beside it when something else has the name by now; never over anything (promise P3).
 * @throws Ended that says where the file stands when it cannot be moved at all.
 */
export function putBack(room: VaultRoom, place: Place, stage: Stage): void {
  try {
    moveBack(room, place, stage);
  } catch (failure) {
    const where = Buffer.from(stage.at.name).toString();
    const words = failure instanceof Error ? failure.message : String(failure);
    throw new Ended({
      outcome: 'agent_error',
      message: `The file could not be put back and stands in the directory ${where} beside its place: ${words}.`,
    });
  }
  room.platform.syncDirectory(place.directory);
  removeStage(room.platform, stage);
}

function moveBack(room: VaultRoom, place: Place, stage: Stage): void {
  try {
    room.platform.move(stage.entry, place);
  } catch (failure) {
    if (systemErrorCode(failure) !== 'EEXIST') {
      throw failure;
    }
    const suffix = Buffer.from(`.restored-${room.clock.now()}`);
    const name = Buffer.concat([place.name.subarray(0, 255 - suffix.length), suffix]);
    room.platform.move(stage.entry, { directory: place.directory, name });
  }
}

/** Forgets an object whose file never left its place. The record goes last, for it is what finds the rest. */
export function dropObject(room: VaultRoom, object: VaultObjectId): void {
  removeOwnFile(partialFile(room.vault, object));
  removeOwnFile(objectFile(room.vault, object));
  removeRecord(room.vault, object);
}

function removeIfPresent(room: VaultRoom, place: Place): void {
  try {
    room.platform.remove(place);
  } catch (failure) {
    if (systemErrorCode(failure) !== 'ENOENT') {
      throw failure;
    }
  }
}
