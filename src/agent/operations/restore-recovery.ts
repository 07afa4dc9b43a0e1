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
import { findStage, isSameNode, nodeId, type Stage } from './stage.ts';

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
  const stage = found !== undefined && isSameNode(found.id, progress.stage) ? found : undefined;
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
    isSameNode(nodeId(present.facts), record.progress.copy) &&
    hashOf(scope.keep(room.platform.openPinned(present.pin)), room.progress).sha256 === record.sha256
  );
}

/** The file is durable at its place: the tombstone first, then the object goes. */
export function finishReturn(room: VaultRoom, record: VaultRecord, stage: Stage | undefined): Ending {
  const restored = asRestored(room, record);
  const { progress } = restored;
  if (progress.state !== 'restored') {
    throw new Error('A file that is not on its way back cannot have come back.');
  }
  const left = clearAway(room, restored, stage);
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

function asRestored(room: VaultRoom, record: VaultRecord): VaultRecord {
  const { progress } = record;
  if (progress.state !== 'returning') {
    return record;
  }
  const { taskId, target, displaced, losses } = progress;
  const at = room.clock.now();
  const restored: VaultRecord = { ...record, progress: { state: 'restored', taskId, target, displaced, at, losses } };
  writeRecord(room.vault, restored);
  return restored;
}

/** The file is back by now, so that what cannot be removed is said, and not a reason to call it a failure. */
function clearAway(room: VaultRoom, { vaultObject }: VaultRecord, stage: Stage | undefined): readonly string[] {
  try {
    removeOwnFile(objectFile(room.vault, vaultObject));
    if (stage !== undefined) {
      discardStaged(room, stage);
    }
    return [];
  } catch (failure) {
    const code = systemErrorCode(failure);
    if (code === undefined) {
      throw failure;
    }
    return [`what the restore left behind could not be removed (${code})`];
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
