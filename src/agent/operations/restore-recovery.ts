import { displayPath } from '#core/file/file-path.ts';
import { removeOwnFile } from '../platform/own-files.ts';
import type { Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { objectFile, type VaultRecord, writeRecord } from '../vault/record.ts';
import { discardStaged } from './capture-commit.ts';
import { hashOf } from './content.ts';
import { type Ending, ending, factsOf } from './ending.ts';
import { pinIfPresent } from './pinned.ts';
import type { Returning } from './returning.ts';
import type { VaultRoom } from './room.ts';
import { findStage, isRecordedNode, nodeId, type Stage } from './stage.ts';

const nowhere = { device: '0', inode: '0' };

/**
 * A restore that was cut off between "the copy is complete" and "the file is back".
 * @returns the good end when the copy had reached its place; undefined when the file is held and nothing of it is left over.
 */
export function resumeReturn(returning: Returning): Ending | undefined {
  const { room, scope, record } = returning;
  const { progress } = record;
  if (progress.state !== 'returning' && progress.state !== 'restored') {
    return undefined;
  }
  const parent = openParentIfPresent(returning);
  const request = { platform: room.platform, scope, object: record.vaultObject, use: 'return' } as const;
  const found = parent === undefined ? undefined : findStage({ ...request, parent });
  if (progress.state === 'restored') {
    return finishReturn(room, record, found);
  }
  const stage = found !== undefined && isRecordedNode(progress.stage, found.id) ? found : undefined;
  if (parent !== undefined && isBack(returning, parent)) {
    room.platform.syncDirectory(parent.directory);
    return finishReturn(room, record, stage);
  }
  if (stage !== undefined && pinIfPresent(room.platform, scope, stage.entry) === undefined) {
    return finishReturn(room, withLoss(record, 'somebody moved or replaced the file after it was restored'), stage);
  }
  giveUpCopy(room, record, found);
  return undefined;
}

/**
 * The vault object is the file again, and only that. A staging directory without its file means that the file has reached
 * its place: so the record forgets the directory before the copy in it goes, and says `held` when nothing of it is left.
 */
export function giveUpCopy(room: VaultRoom, record: VaultRecord, stage: Stage | undefined): void {
  const { progress } = record;
  if (stage !== undefined) {
    if (progress.state === 'returning') {
      writeRecord(room.vault, { ...record, progress: { ...progress, stage: nowhere } });
    }
    discardStaged(room, stage);
  }
  if (progress.state !== 'held') {
    writeRecord(room.vault, { ...record, progress: { state: 'held' } });
  }
}

/** The copy that we made has the file's name, with the file's bytes. */
function isBack({ room, scope, record }: Returning, parent: Parent): boolean {
  const present = pinIfPresent(room.platform, scope, parent);
  if (present?.facts.kind !== 'file' || record.progress.state !== 'returning') {
    return false;
  }
  return (
    isRecordedNode(record.progress.copy, nodeId(present.facts)) &&
    hashOf(scope.keep(room.platform.openPinned(present.pin)), room.progress).sha256 === record.sha256
  );
}

/**
 * The file is durable at its place, so that what cannot be tidied away any more is said, and not a reason to call it a failure:
 * a record that still says `returning` beside a staging directory without its file is finished by the next start.
 */
export function finishReturn(room: VaultRoom, record: VaultRecord, stage: Stage | undefined): Ending {
  const { progress } = record;
  if (progress.state !== 'returning' && progress.state !== 'restored') {
    throw new Error('A file that is not on its way back cannot have come back.');
  }
  const left = clearAway(room, record, stage);
  const { target, losses } = progress;
  const isElsewhere = Buffer.compare(target, record.path) !== 0;
  return ending({
    ...factsOf(record),
    outcome: 'done',
    message: isElsewhere ? 'The file is back, under another path.' : 'The file is back in its place.',
    path: target,
    effect: 'returned',
    losses: [...losses, ...left],
    details: isElsewhere ? { originalPath: displayPath(record.path) } : {},
  });
}

/**
 * The place has the very bytes already, of a copy that was restored first, or because somebody put them there: the file is back, and the
 * vault's copy of it goes. What is there keeps its own owner, mode and times.
 */
export function letGo({ room, job, record, target }: Returning): Ending {
  const back = { taskId: job.taskId, target, displaced: null, at: room.clock.now(), losses: [] };
  writeRecord(room.vault, { ...record, progress: { state: 'restored', ...back } });
  removeOwnFile(objectFile(room.vault, record.vaultObject));
  return ending({
    ...factsOf(record),
    outcome: 'already_done',
    message: 'The very bytes of the file are at its place; they were left as they are, and the vault gave its copy up.',
    path: target,
    effect: 'returned',
  });
}

/** The tombstone first, then the object goes, then the staging directory that says where the file went. */
function clearAway(room: VaultRoom, record: VaultRecord, stage: Stage | undefined): readonly string[] {
  try {
    writeTombstone(room, record);
    removeOwnFile(objectFile(room.vault, record.vaultObject));
    if (stage !== undefined) {
      discardStaged(room, stage);
    }
    return [];
  } catch (failure) {
    const code = systemErrorCode(failure);
    if (code === undefined) {
      throw failure;
    }
    return [`what the restore left behind could not be removed yet (${code})`];
  }
}

function writeTombstone(room: VaultRoom, record: VaultRecord): void {
  const { progress } = record;
  if (progress.state === 'returning') {
    const { taskId, target, displaced, losses } = progress;
    const at = room.clock.now();
    writeRecord(room.vault, { ...record, progress: { state: 'restored', taskId, target, displaced, at, losses } });
  }
}

function withLoss(record: VaultRecord, loss: string): VaultRecord {
  const { progress } = record;
  return progress.state === 'returning'
    ? { ...record, progress: { ...progress, losses: [...progress.losses, loss] } }
    : record;
}

function openParentIfPresent({ room, scope, target }: Returning): Parent | undefined {
  try {
    const parent = room.platform.openParent(target);
    scope.keep(parent.directory);
    return parent;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      return undefined;
    }
    throw failure;
  }
}
