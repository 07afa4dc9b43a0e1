import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import type { Place } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { objectFile, partialFile, removeRecord, type VaultRecord, writeRecord } from '../vault/record.ts';
import { hashOf } from './content.ts';
import { Ended, type Ending, quarantined } from './ending.ts';
import type { HandleScope } from './handle-scope.ts';
import { pinIfPresent } from './pinned.ts';
import type { VaultRoom } from './room.ts';
import { isRecordedNode, isSameNode, nodeId, removeStage, type Stage } from './stage.ts';

/** A file that has left its place, or may have: where it was, where it is, and the note of it. */
export interface Capture {
  readonly room: VaultRoom;
  readonly scope: HandleScope;
  readonly place: Place;
  readonly stage: Stage;
  readonly record: VaultRecord;
}

/** Whether the staged file is the one that the record names, with the bytes that the vault holds. */
export function isCaptureRight({ room, scope, stage, record }: Capture): boolean {
  const captured = pinIfPresent(room.platform, scope, stage.entry);
  if (captured?.facts.kind !== 'file' || record.progress.state !== 'taking') {
    return false;
  }
  if (!isRecordedNode(record.progress.original, nodeId(captured.facts))) {
    return false;
  }
  return hashOf(scope.keep(room.platform.openPinned(captured.pin)), room.progress).sha256 === record.sha256;
}

/**
 * The commit: the record says `held` before the original goes, and who still runs it is asked while it is there, for an
 * inode that is gone may be another file's the next moment.
 */
export function commitQuarantine(capture: Pick<Capture, 'room' | 'record'> & { readonly stage?: Stage }): Ending {
  const { room, record, stage } = capture;
  const held: VaultRecord = { ...record, details: detailsOf(capture), progress: { state: 'held' } };
  writeRecord(room.vault, held);
  return quarantined(held, stage === undefined ? [] : discardLeavingWord(room, stage));
}

function detailsOf({ room, record, stage }: Pick<Capture, 'room' | 'record'> & { readonly stage?: Stage }) {
  const { details, progress } = record;
  if (stage === undefined || progress.state !== 'taking') {
    return details;
  }
  const { device, inode } = progress.original;
  const running = room.platform.processesRunning({ device: BigInt(device), inode: BigInt(inode) });
  return running.length === 0 ? details : { ...details, running: [...running] };
}

/** The vault has the file by now, so that a staged copy which cannot be removed is said, and not a reason to go back. */
function discardLeavingWord(room: VaultRoom, stage: Stage): readonly string[] {
  try {
    discardStaged(room, stage);
    return [];
  } catch (failure) {
    const code = systemErrorCode(failure);
    if (code === undefined) {
      throw failure;
    }
    return [`the captured file stays in ${Buffer.from(stage.at.name).toString()} beside its place (${code})`];
  }
}

export function discardStaged(room: VaultRoom, stage: Stage): void {
  removeIfPresent(room, stage.entry);
  removeStage(room.platform, stage);
}

/**
 * Back to its name, or beside it when something else has the name by now; never over anything (promise P3).
 * @throws Ended that says where the file stands when it cannot be moved at all.
 */
export function putBack(capture: Omit<Capture, 'record'>): void {
  const { room, place, stage } = capture;
  try {
    if (isOnlyStaged(capture)) {
      moveBack(room, place, stage);
    } else {
      removeIfPresent(room, stage.entry);
    }
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

/** Not so when it never left, or when a move by link and unlink was cut in two and it has both names. */
function isOnlyStaged({ room, scope, place, stage }: Omit<Capture, 'record'>): boolean {
  const staged = pinIfPresent(room.platform, scope, stage.entry);
  const present = pinIfPresent(room.platform, scope, place);
  const isThere =
    present !== undefined && staged !== undefined && isSameNode(nodeId(staged.facts), nodeId(present.facts));
  return staged !== undefined && !isThere;
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
