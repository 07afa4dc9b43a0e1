import { removeOwnFile } from '../platform/own-files.ts';
import type { Parent } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { objectFile, type VaultRecord, writeRecord } from '../vault/record.ts';
import { discardStaged } from './capture-commit.ts';
import { hashOf } from './content.ts';
import { type Ending, ending } from './ending.ts';
import { pinIfPresent } from './pinned.ts';
import type { Returning } from './returning.ts';
import type { VaultRoom } from './room.ts';
import { findStage, isSameNode, nodeId, type Stage } from './stage.ts';

/**
 * A restore that was cut off between "the copy is complete" and "the file is back".
 * @returns the good end when the copy had reached its place; undefined when the file is held and nothing of it is left over.
 */
export function resumeReturn(returning: Returning): Ending | undefined {
  const { room, scope, record } = returning;
  const { progress } = record;
  if (progress.state === 'held' || progress.state === 'taking') {
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
  if (stage !== undefined) {
    discardStaged(room, stage);
  }
  writeRecord(room.vault, { ...record, progress: { state: 'held' } });
  return undefined;
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
  const { progress } = record;
  const losses = 'losses' in progress ? progress.losses : [];
  if (progress.state === 'returning') {
    const { taskId } = progress;
    writeRecord(room.vault, { ...record, progress: { state: 'restored', taskId, at: room.clock.now(), losses } });
  }
  removeOwnFile(objectFile(room.vault, record.vaultObject));
  if (stage !== undefined) {
    discardStaged(room, stage);
  }
  return ending({
    outcome: 'done',
    message: 'The file is back in its place.',
    path: record.path,
    sha256: record.sha256,
    size: record.size,
    vaultObject: record.vaultObject,
    losses: [...losses],
  });
}

function withLoss(record: VaultRecord, loss: string): VaultRecord {
  const { progress } = record;
  return progress.state === 'returning'
    ? { ...record, progress: { ...progress, losses: [...progress.losses, loss] } }
    : record;
}

function openParentIfPresent({ room, scope, record }: Returning): Parent | undefined {
  try {
    const parent = room.platform.openParent(record.path);
    scope.keep(parent.directory);
    return parent;
  } catch (failure) {
    if (systemErrorCode(failure) === 'ENOENT' || systemErrorCode(failure) === 'ENOTDIR') {
      return undefined;
    }
    throw failure;
  }
}
